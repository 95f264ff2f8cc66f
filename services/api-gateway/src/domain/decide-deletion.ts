import { formatTime } from "@podbus/kube";

/** What a deletion must know of an object; only pods have a grace period. */
export interface DeletionSubject {
  readonly graceful: boolean;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  /** The pod's own terminationGracePeriodSeconds. */
  readonly defaultGracePeriodSeconds?: number | undefined;
  readonly scheduled: boolean;
  readonly terminal: boolean;
}

export interface DeletionRequest {
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditionUid?: string | undefined;
  readonly preconditionResourceVersion?: string | undefined;
}

export type DeletionDecision =
  | { readonly kind: "refuse"; readonly message: string }
  /** Nothing to write: it already goes, at least as soon. */
  | { readonly kind: "already-deleting" }
  | { readonly kind: "mark"; readonly deletionTimestamp: string; readonly gracePeriodSeconds: number }
  | { readonly kind: "remove" };

/**
 * Kubernetes' rules for one deletion (apiserver/pkg/registry/rest/delete.go BeforeDelete, core/pod/strategy.go
 * CheckGracefulDelete): a shorter grace period wins, a longer one is ignored; a pod that has no node or has ended
 * needs no grace; finalizers keep the object, marked.
 */
export function decideDeletion(subject: DeletionSubject, request: DeletionRequest, nowMs: number): DeletionDecision {
  const refusal = preconditionRefusal(subject, request);
  if (refusal) return { kind: "refuse", message: refusal };
  const grace = gracePeriodSeconds(subject, request);
  const deleting = subject.deletionTimestamp !== undefined;
  const held = subject.finalizers.length > 0;
  if (grace === 0 && !held) return { kind: "remove" };
  if (deleting && !shortens(subject, grace)) return { kind: "already-deleting" };
  return {
    kind: "mark",
    deletionTimestamp: formatTime(startOfDeletion(subject, nowMs) + grace * 1000),
    gracePeriodSeconds: grace,
  };
}

function preconditionRefusal(subject: DeletionSubject, request: DeletionRequest): string | undefined {
  const { preconditionUid: uid, preconditionResourceVersion: version } = request;
  if (uid !== undefined && uid !== subject.uid) {
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${subject.uid}`;
  }
  if (version !== undefined && version !== subject.resourceVersion) {
    return `Precondition failed: ResourceVersion in precondition: ${version}, ResourceVersion in object meta: ${subject.resourceVersion}`;
  }
  return undefined;
}

function gracePeriodSeconds(subject: DeletionSubject, request: DeletionRequest): number {
  if (!subject.graceful || !subject.scheduled || subject.terminal) return 0;
  const wanted = request.gracePeriodSeconds ?? subject.defaultGracePeriodSeconds ?? 0;
  return wanted < 0 ? 1 : wanted;
}

function shortens(subject: DeletionSubject, grace: number): boolean {
  return subject.deletionGracePeriodSeconds !== undefined && grace < subject.deletionGracePeriodSeconds;
}

/** A second, shorter deletion counts from the first one's moment, not from now. */
function startOfDeletion(subject: DeletionSubject, nowMs: number): number {
  if (subject.deletionTimestamp === undefined) return nowMs;
  return Date.parse(subject.deletionTimestamp) - (subject.deletionGracePeriodSeconds ?? 0) * 1000;
}
