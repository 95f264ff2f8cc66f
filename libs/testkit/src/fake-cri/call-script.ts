import type { Clock } from "@podbus/clock";
import type { CriCallOptions } from "@podbus/cri";
import { PodbusError, type PodbusErrorInit } from "@podbus/errors";

export interface RecordedCall {
  /** As in the client: "runPodSandbox". */
  readonly method: string;
  readonly request: unknown;
}

export interface Disturbance {
  /** How many calls it meets. Default 1; Infinity for all from now on. */
  readonly times?: number;
  /** Which of the method's calls it meets. Default: every one. */
  readonly when?: (request: never) => boolean;
}

type Step = (effect: () => Promise<object>, wait: (ms: number) => Promise<void>) => Promise<object>;

interface Entry {
  readonly method: string;
  readonly when: (request: unknown) => boolean;
  readonly step: Step;
  left: number;
}

/** What goes wrong, when, and what was called: the part of the fake that tests talk to. */
export class CallScript {
  readonly calls: RecordedCall[] = [];
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  #down = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isDown(): boolean {
    return this.#down;
  }

  setDown(down: boolean): void {
    this.#down = down;
  }

  add(method: string, { times = 1, when }: Disturbance, step: Step): void {
    const matches = (when ?? (() => true)) as (request: unknown) => boolean;
    this.#entries.push({ method, when: matches, step, left: times });
  }

  failBefore(method: string, error: PodbusErrorInit, disturbance: Disturbance): void {
    this.add(method, disturbance, () => Promise.reject(new PodbusError(error)));
  }

  failAfter(method: string, error: PodbusErrorInit, disturbance: Disturbance): void {
    this.add(method, disturbance, async (effect) => {
      await effect();
      throw new PodbusError(error);
    });
  }

  delay(method: string, ms: number, disturbance: Disturbance): void {
    this.add(method, disturbance, async (effect, wait) => {
      await wait(ms);
      return effect();
    });
  }

  /** Runs one call under the script: recorded, disturbed, bounded by its timeout and signal. */
  async run(
    method: string,
    request: unknown,
    options: CriCallOptions,
    effect: () => object | Promise<object>,
  ): Promise<object> {
    this.calls.push({ method, request });
    if (this.#down) throw new PodbusError({ code: "UNAVAILABLE", message: `container runtime: ${method}: is down` });
    const bound = new CallBound(method, options, this.#clock);
    try {
      const run = async () => effect();
      const entry = this.#take(method, request);
      const work = entry ? entry.step(run, (ms) => this.#clock.sleep(ms, bound.signal)) : run();
      return await Promise.race([work, bound.ended]);
    } finally {
      bound.release();
    }
  }

  #take(method: string, request: unknown): Entry | undefined {
    const entry = this.#entries.find((each) => each.left > 0 && each.method === method && each.when(request));
    if (entry) entry.left -= 1;
    return entry;
  }
}

/** The end of a call's time: by its timeout or by its signal. */
class CallBound {
  readonly #controller = new AbortController();
  readonly #release: (() => void)[] = [];
  readonly ended: Promise<never>;

  constructor(method: string, { timeoutMs, signal }: CriCallOptions, clock: Clock) {
    this.ended = new Promise((_, reject) => {
      const end = (error: PodbusError) => {
        reject(error);
        this.#controller.abort(error);
      };
      const onAbort = () => end(new PodbusError({ code: "CANCELLED", message: `${method} was cancelled` }));
      const onTimeout = () => end(new PodbusError({ code: "DEADLINE_EXCEEDED", message: `${method}: no answer` }));
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#release.push(() => signal?.removeEventListener("abort", onAbort));
      if (timeoutMs !== undefined && Number.isFinite(timeoutMs)) this.#release.push(clock.after(timeoutMs, onTimeout));
    });
    // The race may be over by then; nobody else would hear this rejection.
    this.ended.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const each of this.#release) each();
  }
}
