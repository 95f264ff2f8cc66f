import type { CallContext } from "@podbus/bus";
import type { FinishPodDeletionRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { type Change, changeObject } from "../objects/change-object.ts";
import { podKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";
import { checkOwnPod, findOwnPod } from "./own-pod.ts";

/** NodeApi.FinishPodDeletion. A pod that is already gone is a success. */
export async function finishPodDeletion(
  { store }: Pick<GatewayPorts, "store">,
  { pod: ref }: FinishPodDeletionRequest,
  { node }: CallContext,
): Promise<object> {
  try {
    await findOwnPod(store, ref, node);
    await changeObject<Pod>(store, podKey(ref?.namespace ?? "", ref?.name ?? ""), (current) =>
      finish(checkOwnPod(current, ref, node).value),
    );
  } catch (error) {
    if (!(error instanceof PodbusError && error.code === "NOT_FOUND")) throw error;
  }
  return {};
}

/** Finalizers keep the object without grace: whoever removes the last one removes the pod. */
function finish(pod: Pod): Change<Pod> {
  const { metadata } = pod;
  if (metadata.deletionTimestamp === undefined) {
    const message = `pod ${metadata.namespace}/${metadata.name} is not being deleted`;
    throw new PodbusError({ code: "FAILED_PRECONDITION", message });
  }
  if ((metadata.finalizers ?? []).length === 0) return { kind: "remove" };
  if (metadata.deletionGracePeriodSeconds === 0) return { kind: "none" };
  return { kind: "update", value: { ...pod, metadata: { ...metadata, deletionGracePeriodSeconds: 0 } } };
}
