import type { CallContext } from "@podbus/bus";
import type { UpdatePodStatusRequest } from "@podbus/contracts";
import type { Pod, PodStatus } from "@podbus/kube";
import { equalJson } from "@podbus/kube";
import { mergePodStatus } from "../domain/merge-pod-status.ts";
import { changeObject } from "../objects/change-object.ts";
import { podKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";
import { checkOwnPod, findOwnPod, podNotFound } from "./own-pod.ts";
import { parseJson } from "./parse-json.ts";

/** NodeApi.UpdatePodStatus. Writes nothing if nothing changes. */
export async function updatePodStatus(
  { store }: Pick<GatewayPorts, "store">,
  { pod: ref, statusJson }: UpdatePodStatusRequest,
  { node }: CallContext,
): Promise<{ revision: bigint }> {
  const reported = parseJson<PodStatus>(statusJson, "status_json");
  await findOwnPod(store, ref, node);
  const changed = await changeObject<Pod>(store, podKey(ref?.namespace ?? "", ref?.name ?? ""), (current) => {
    const { value } = checkOwnPod(current, ref, node);
    const status = mergePodStatus(value.status, reported);
    if (equalJson(status, value.status)) return { kind: "none" };
    return { kind: "update", value: { ...value, status } };
  });
  if (!changed) throw podNotFound(ref);
  return { revision: BigInt(changed.object.revision) };
}
