import type { Clock } from "@podbus/clock";
import { statusTooManyRequests } from "@podbus/kube";
import { type Flow, type PriorityLevel, priorityLevels, seatsOf } from "../domain/flow-control/classify-request.ts";
import { FairQueue, type Waiting } from "../domain/flow-control/fair-queue.ts";

export interface FlowControlOptions {
  readonly clock: Clock;
  /** Requests that may be worked on at once, of all levels but the exempt one. */
  readonly seats: number;
}

/** Seats; disposing gives them back, and again does nothing. */
export type Turn = Disposable;

/** apiserver's queueLengthLimit; a quarter of its request timeout. */
const waitingPerFlow = 50;
const waitingPerLevel = 2_000;
const longestWaitMs = 15_000;
const retryAfterSeconds = 1;

const endless: Turn = { [Symbol.dispose]: () => {} };

/** Kubernetes' API Priority and Fairness with its default levels, less what it is configured with. */
export class FlowControl {
  readonly #clock: Clock;
  readonly #levels: ReadonlyMap<PriorityLevel, FairQueue>;

  constructor({ clock, seats }: FlowControlOptions) {
    this.#clock = clock;
    const limits = { perFlow: waitingPerFlow, total: waitingPerLevel };
    this.#levels = new Map(
      priorityLevels.map((level) => [level, new FairQueue({ seats: seatsOf(level, seats), ...limits })]),
    );
  }

  /** A turn at once where there are seats, else a promise of one. Throws 429 if too many wait, or it has waited too long. */
  begin({ level, flow }: Flow, seats: number, signal: AbortSignal): Turn | Promise<Turn> {
    const queue = level === "exempt" ? undefined : this.#levels.get(level);
    if (!queue) return endless;
    const turn = Promise.withResolvers<Turn>();
    const request: Waiting = { flow, seats, start: () => turn.resolve(turnOf(queue, request)) };
    switch (queue.enter(request)) {
      case "now":
        return turnOf(queue, request);
      case "refused":
        throw tooManyRequests();
      case "later":
        return this.#wait(queue, request, { turn, signal });
    }
  }

  async #wait(
    queue: FairQueue,
    request: Waiting,
    { turn, signal }: { readonly turn: PromiseWithResolvers<Turn>; readonly signal: AbortSignal },
  ): Promise<Turn> {
    const giveUp = () => {
      queue.giveUp(request);
      turn.reject(tooManyRequests());
    };
    const cancel = this.#clock.after(longestWaitMs, giveUp);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await turn.promise;
    } finally {
      cancel();
      signal.removeEventListener("abort", giveUp);
    }
  }
}

function turnOf(queue: FairQueue, request: Waiting): Turn {
  let ended = false;
  return {
    [Symbol.dispose]: () => {
      if (!ended) queue.leave(request);
      ended = true;
    },
  };
}

/** apiserver/pkg/server/filters/priority-and-fairness.go; clients of Kubernetes wait and ask again by themselves. */
const tooManyRequests = () => statusTooManyRequests("Too many requests, please try again later.", retryAfterSeconds);
