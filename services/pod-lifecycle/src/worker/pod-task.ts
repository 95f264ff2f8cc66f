import type { Clock } from "@podbus/clock";
import type { Container, Pod } from "@podbus/kube";
import { parseKubeTime } from "../domain/kube-time.ts";
import type {
  ImageResult,
  PodProgress,
  PodRejection,
  PodTermination,
  PostStartResult,
  StepFailure,
  Verdicts,
  VolumesFresh,
} from "../domain/pod-inputs.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { rememberedProgress } from "../domain/remembered-progress.ts";
import { allContainers } from "../domain/restart-policy.ts";
import type { NodeServices } from "../ports.ts";

/** What a step is given: the pod as it is now, what was reached so far, and the node's services. */
export interface PodTask {
  readonly services: NodeServices;
  readonly pod: Pod;
  readonly ref: PodIdentity;
  readonly progress: MutableProgress;
  /** Aborted when the action is no longer wanted. */
  readonly signal: AbortSignal;
  /** Something that a decision looks at has changed. */
  readonly changed: () => void;
  /** Resolves once the newest status has been taken by the API. */
  readonly statusSent: () => Promise<void>;
}

export class MutableProgress implements PodProgress {
  readonly startedAtMs: number;
  readonly startedSteadyMs: number;
  endingSinceMs: number | undefined;
  rejection?: PodRejection;
  termination?: PodTermination;
  volumesReady = false;
  volumesFresh: VolumesFresh | undefined;
  cleanedUp = false;
  /** Of the pod's RuntimeClass, once it is known. */
  runtimeHandler: string | undefined;
  /** Where it has been seen that the pod's users are its own. */
  readonly sandboxesWithOwnUsers = new Set<string>();
  deletionReported = false;
  readonly images = new Map<string, ImageResult>();
  readonly failures = new Map<string, StepFailure>();
  readonly skippedAttempts = new Map<string, number>();
  readonly postStart = new Map<string, PostStartResult>();
  readonly verdicts = new Map<string, Verdicts>();
  readonly stoppedSandboxes = new Set<string>();

  constructor(startedAtMs: number, startedSteadyMs: number) {
    this.startedAtMs = startedAtMs;
    this.startedSteadyMs = startedSteadyMs;
  }
}

/** What is known of a pod when its worker begins: after a restart of this service, by its stored status. */
export function initialProgress(pod: Pod, rejection: PodRejection | undefined, clock: Clock): MutableProgress {
  const startedAtMs = parseKubeTime(pod.status?.startTime) || clock.now();
  const ageMs = Math.max(0, clock.now() - startedAtMs);
  const progress = new MutableProgress(startedAtMs, clock.monotonic() - ageMs);
  const { postStart, verdicts } = rememberedProgress(pod);
  for (const [id, result] of postStart) progress.postStart.set(id, result);
  for (const [id, known] of verdicts) progress.verdicts.set(id, known);
  if (rejection) progress.rejection = rejection;
  return progress;
}

/** The container of that name, of whatever role. Throws on a name that the pod does not have: a decision cannot name one. */
export function containerNamed(pod: Pod, name: string): Container {
  const found = allContainers(pod).find((c) => c.name === name);
  if (!found) throw new TypeError(`pod ${pod.metadata.name} has no container ${name}`);
  return found;
}
