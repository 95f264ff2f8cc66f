import type { ProbedContainer } from "../domain/probe-spec.ts";
import type { ProbeReport } from "./probe-loop.ts";
import { VerdictStream } from "./verdict-stream.ts";

/** What a probe found last. */
export interface ProbeResult {
  readonly container: ProbedContainer;
  readonly report: ProbeReport;
  /** Whether it changed the verdict; of a result that came before its watcher, whether there is a verdict. */
  readonly changed: boolean;
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** What all probes of the node have found, for whoever asks from outside. */
export class ResultBoard {
  readonly #latest = new Map<ProbedContainer, Map<string, ProbeResult>>();
  readonly #watchers = new Set<VerdictStream<ProbeResult>>();

  /** Keeps the results of a container until it is disposed of. */
  enter(container: ProbedContainer): Disposable {
    this.#latest.set(container, new Map());
    return { [Symbol.dispose]: () => void this.#latest.delete(container) };
  }

  tell(container: ProbedContainer, report: ProbeReport, atMs: number): void {
    const results = this.#latest.get(container);
    const { kind } = report.spec;
    const result = { container, report, changed: report.changed, atMs };
    results?.set(kind, { ...result, changed: report.changed || (results.get(kind)?.changed ?? false) });
    for (const watcher of this.#watchers) watcher.push(result);
  }

  /** The last result of each probe, then what comes, until the stream is disposed of. */
  watch(): Disposable & { readonly stream: VerdictStream<ProbeResult> } {
    const stream = new VerdictStream<ProbeResult>(
      [...this.#latest.values()].flatMap((results) => [...results.values()]),
    );
    this.#watchers.add(stream);
    return { stream, [Symbol.dispose]: () => void this.#watchers.delete(stream) };
  }
}
