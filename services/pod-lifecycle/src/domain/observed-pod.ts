/**
 * What the runtime says about one pod. A container or sandbox only ever moves down its list of states:
 *
 *   sandbox:    ready → not-ready → (removed)
 *   container:  created → running → exited → (removed)
 *                  └──────────────────┘   a start that failed
 */
export interface ObservedPod {
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly state: "ready" | "not-ready";
  readonly createdAtMs: number;
  /** Empty on the host's network. */
  readonly ips: readonly string[];
}

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** Orders the runs and names them in the runtime; never used twice. */
  readonly attempt: number;
  /** The number of runs before this one: the attempt, unless attempts were skipped. */
  readonly restartCount: number;
  readonly state: "created" | "running" | "exited";
  readonly createdAtMs: number;
  /** 0 until known. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** When it ended on this process's steady clock; 0 until known. */
  readonly endedSteadyMs: number;
  readonly exitCode: number;
  readonly reason: string;
  /** The runtime's message; the termination message of the container's file is `terminationMessage`. */
  readonly message: string;
  readonly terminationMessage?: string;
  /** What the runtime calls the image, for status.image. */
  readonly image: string;
  /** For status.imageID. */
  readonly imageRef: string;
  /** How long to wait after this run's end before the next, by its annotation. */
  readonly backOffMs: number;
  /** Fingerprint of the spec it was made from; empty if unknown. */
  readonly hash: string;
  /** Known only from the stored status: the runtime has lost it. */
  readonly lost?: true;
}

export const nothingObserved: ObservedPod = { sandboxes: [], containers: [] };

/** Runs of one container, newest first. */
export function runsOf(observed: ObservedPod, name: string): readonly ObservedContainer[] {
  return observed.containers.filter((c) => c.name === name).sort(newestFirst);
}

export function newestSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  return observed.sandboxes.toSorted(newestFirst)[0];
}

function newestFirst(
  a: { readonly attempt: number; readonly createdAtMs: number },
  b: { readonly attempt: number; readonly createdAtMs: number },
): number {
  return b.attempt - a.attempt || b.createdAtMs - a.createdAtMs;
}
