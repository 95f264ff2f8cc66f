import { type Pod, statusBadRequest, statusNotFound } from "@podbus/kube";
import { chooseContainer } from "../domain/choose-container.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { podKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

export interface PodContainer {
  readonly pod: Pod;
  readonly container: string;
  /** "" while the pod has none. */
  readonly node: string;
  /** The pod's identity for the node's services. */
  readonly ref: { readonly namespace: string; readonly name: string; readonly uid: string };
}

/** The pod and container that a log or exec request is about; throws Kubernetes' Status where they cannot be told. */
export async function findPodContainer(ports: GatewayPorts, call: ResourceCall, wanted: string): Promise<PodContainer> {
  const { namespace, name } = call.info;
  const found = await readFresh<Pod>(ports.store, podKey(namespace, name), call.signal);
  if (!found) throw statusNotFound("pods", name);
  const choice = chooseContainer(found.value, wanted);
  if (choice.kind === "refuse") throw statusBadRequest(choice.message);
  const ref = { namespace, name, uid: found.value.metadata.uid ?? "" };
  return { pod: found.value, container: choice.name, node: found.value.spec.nodeName ?? "", ref };
}
