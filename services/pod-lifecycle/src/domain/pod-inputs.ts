import type { Pod } from "@podbus/kube";
import type { ObservedPod } from "./observed-pod.ts";

/** All that a decision about one pod may look at. */
export interface PodInputs {
  /** As last seen on the feed; its spec and status also serve after it has gone. */
  readonly pod: Pod;
  /** The object is no longer in the feed: kill and remove at once. */
  readonly gone: boolean;
  readonly observed: ObservedPod;
  readonly progress: PodProgress;
  /** Keys of the actions that run now. */
  readonly inFlight: ReadonlySet<string>;
  /** Wall-clock time, for what users read. */
  readonly nowMs: number;
  /** Of a clock that never jumps: every wait is measured by it. */
  readonly steadyMs: number;
}

/** What this process has done so far; every part can be done or learned again after a restart. */
export interface PodProgress {
  readonly startedAtMs: number;
  /** The same moment on the steady clock. */
  readonly startedSteadyMs: number;
  /** Since when, on the steady clock, it is known here that the pod must go. */
  readonly endingSinceMs: number | undefined;
  /** Set where the node refuses the pod. */
  readonly rejection?: PodRejection;
  /** Set where the node ends the pod. */
  readonly termination?: PodTermination;
  readonly volumesReady: boolean;
  /** When, on the steady clock, the files of volumes were last brought up to date, and from which labels and annotations. */
  readonly volumesFresh: VolumesFresh | undefined;
  readonly images: ReadonlyMap<string, ImageResult>;
  /** By action lane: "volumes", "sandbox", "container:<name>". */
  readonly failures: ReadonlyMap<string, StepFailure>;
  /** By action lane: attempts to leave out, since the runtime keeps their names for something it does not show. */
  readonly skippedAttempts: ReadonlyMap<string, number>;
  /** By container id. */
  readonly postStart: ReadonlyMap<string, PostStartResult>;
  readonly verdicts: ReadonlyMap<string, Verdicts>;
  /** Sandboxes whose stop has been answered. */
  readonly stoppedSandboxes: ReadonlySet<string>;
  readonly cleanedUp: boolean;
  /** The API was told that nothing is left here. */
  readonly deletionReported: boolean;
}

export interface VolumesFresh {
  readonly atMs: number;
  readonly metadata: Pick<Pod["metadata"], "labels" | "annotations">;
}

export interface PodRejection {
  readonly reason: string;
  readonly message: string;
}

export interface PodTermination extends PodRejection {
  /** At most. */
  readonly graceSeconds: number;
}

export type ImageResult =
  | { readonly kind: "ready"; readonly imageRef: string; readonly imageId: string }
  | { readonly kind: "failed"; readonly reason: string; readonly message: string; readonly retryAtMs: number };

/** `retryAtMs` is on the steady clock, as in ImageResult. */
export interface StepFailure {
  /** A container's waiting reason; empty where only an event tells of it. */
  readonly reason: string;
  readonly message: string;
  readonly retryAtMs: number;
}

export type PostStartResult = "succeeded" | "failed";

/** Undefined: no probe of that kind has answered yet. */
export interface Verdicts {
  readonly startup?: boolean;
  readonly readiness?: boolean;
  readonly liveness?: boolean;
}

export function emptyProgress(startedAtMs: number, startedSteadyMs: number): PodProgress {
  return {
    startedAtMs,
    startedSteadyMs,
    endingSinceMs: undefined,
    volumesReady: false,
    volumesFresh: undefined,
    images: new Map(),
    failures: new Map(),
    skippedAttempts: new Map(),
    postStart: new Map(),
    verdicts: new Map(),
    stoppedSandboxes: new Set(),
    cleanedUp: false,
    deletionReported: false,
  };
}
