import type { CallContext } from "@podbus/bus";
import type { DeleteMirrorPodRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { isMirrorPod, type Pod } from "@podbus/kube";
import { changeObject } from "../objects/change-object.ts";
import { podKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";
import { checkOwnPod, findOwnPod } from "./own-pod.ts";

/** NodeApi.DeleteMirrorPod: without grace, whatever finalizers say; one that is gone is a success. */
export async function deleteMirrorPod(
  { store }: Pick<GatewayPorts, "store">,
  { pod: ref }: DeleteMirrorPodRequest,
  { node }: CallContext,
): Promise<object> {
  try {
    await findOwnPod(store, ref, node);
    await changeObject<Pod>(store, podKey(ref?.namespace ?? "", ref?.name ?? ""), (current) => {
      const { value } = checkOwnPod(current, ref, node);
      if (isMirrorPod(value)) return { kind: "remove" };
      const message = `pod ${ref?.namespace}/${ref?.name} is no mirror pod`;
      throw new PodbusError({ code: "FAILED_PRECONDITION", message });
    });
  } catch (error) {
    if (!(error instanceof PodbusError && error.code === "NOT_FOUND")) throw error;
  }
  return {};
}
