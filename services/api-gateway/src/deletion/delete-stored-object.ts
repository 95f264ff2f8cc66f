import {
  annotations,
  formatTime,
  type KubeObject,
  type Namespace,
  type Pod,
  type ResourceDefinition,
  statusConflict,
} from "@podbus/kube";
import type { ObjectKey } from "@podbus/store";
import {
  type DeletionDecision,
  type DeletionRequest,
  type DeletionSubject,
  decideDeletion,
} from "../domain/decide-deletion.ts";
import { withDisruptionTarget } from "../domain/merge-pod-status.ts";
import { finalizersOf } from "../domain/object-metadata.ts";
import { type Change, changeObject } from "../objects/change-object.ts";
import type { GatewayPorts } from "../ports.ts";

export interface Deletion extends DeletionRequest {
  readonly resource: ResourceDefinition;
  readonly key: ObjectKey;
  readonly dryRun: boolean;
  /** Of the request that asks; a pod's end continues this trace. */
  readonly traceparent?: string | undefined;
  /** Why a pod is disrupted: its DisruptionTarget condition. */
  readonly disruption?: { readonly reason: string; readonly message: string };
}

export interface Deleted {
  readonly object: KubeObject;
  readonly removed: boolean;
}

/** Deletes, or marks for deletion, what is stored under the key. Undefined if there is nothing; 409 if a precondition fails. */
export async function deleteStoredObject(
  { store, clock }: Pick<GatewayPorts, "store" | "clock">,
  deletion: Deletion,
): Promise<Deleted | undefined> {
  let dry: Deleted | undefined;
  const changed = await changeObject<KubeObject>(store, deletion.key, ({ value }) => {
    const decision = decideDeletion(deletionSubject(value), deletion, clock.now());
    if (decision.kind === "refuse") throw statusConflict(deletion.resource, deletion.key.name, decision.message);
    const change = changeFor(value, decision, deletion, clock.now());
    dry = { object: change.kind === "update" ? change.value : value, removed: change.kind === "remove" };
    return deletion.dryRun ? { kind: "none" } : change;
  });
  if (!changed) return undefined;
  return deletion.dryRun ? dry : { object: changed.object.value, removed: changed.removed };
}

export function deletionSubject(object: KubeObject): DeletionSubject {
  const { metadata } = object;
  return {
    graceful: object.kind === "Pod",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    finalizers: finalizersOf(object),
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    ...podSubject(object),
  };
}

function podSubject(object: KubeObject) {
  if (object.kind !== "Pod") return { scheduled: false, terminal: false };
  const { spec, status } = object as Pod;
  return {
    defaultGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    scheduled: Boolean(spec.nodeName),
    terminal: status?.phase === "Succeeded" || status?.phase === "Failed",
  };
}

function changeFor(
  object: KubeObject,
  decision: Exclude<DeletionDecision, { kind: "refuse" }>,
  deletion: Deletion,
  now: number,
): Change<KubeObject> {
  switch (decision.kind) {
    case "remove":
      return { kind: "remove" };
    case "already-deleting":
      return { kind: "none" };
    case "mark":
      return { kind: "update", value: mark(object, decision, deletion, now) };
  }
}

function mark(
  object: KubeObject,
  decision: Extract<DeletionDecision, { kind: "mark" }>,
  deletion: Deletion,
  now: number,
): KubeObject {
  const metadata = {
    ...object.metadata,
    deletionTimestamp: decision.deletionTimestamp,
    deletionGracePeriodSeconds: decision.gracePeriodSeconds,
  };
  if (object.kind === "Namespace") return markNamespace({ ...(object as Namespace), metadata });
  if (object.kind === "Pod") return markPod({ ...(object as Pod), metadata }, deletion, now);
  return { ...object, metadata };
}

function markNamespace(namespace: Namespace): Namespace {
  return { ...namespace, status: { ...namespace.status, phase: "Terminating" } };
}

/** The first request's trace is the one that the pod's end belongs to. */
function markPod(pod: Pod, { traceparent, disruption }: Deletion, now: number): Pod {
  const traced = pod.metadata.annotations?.[annotations.deletionTraceparent] ?? traceparent;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(traced === undefined
        ? {}
        : { annotations: { ...pod.metadata.annotations, [annotations.deletionTraceparent]: traced } }),
    },
    ...(disruption
      ? { status: withDisruptionTarget(pod.status, disruption.reason, disruption.message, formatTime(now)) }
      : {}),
  };
}
