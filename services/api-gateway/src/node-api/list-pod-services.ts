import type { CallContext } from "@podbus/bus";
import type { ListPodServicesRequest } from "@podbus/contracts";
import { isHeadless, type Service, services } from "@podbus/kube";
import type { GatewayPorts } from "../ports.ts";
import { findOwnPod } from "./own-pod.ts";

/** NodeApi.ListPodServices: the Services with an address that a pod of the node has variables of. */
export async function listPodServices(
  { store }: Pick<GatewayPorts, "store">,
  { pod: ref }: ListPodServicesRequest,
  { node }: CallContext,
) {
  const { key } = await findOwnPod(store, ref, node);
  const own = store.cache.list<Service>(services.storageResource, key.namespace).items;
  const master = store.cache.get<Service>({
    resource: services.storageResource,
    namespace: "default",
    name: "kubernetes",
  });
  const found = key.namespace === "default" || !master ? own : [...own, master];
  return {
    services: found.flatMap(({ value }) => (value.spec.clusterIP && !isHeadless(value.spec) ? [onWire(value)] : [])),
  };
}

function onWire({ metadata, spec }: Service) {
  const { namespace = "", name } = metadata;
  const ports = (spec.ports ?? []).map((port) => ({
    name: port.name ?? "",
    port: port.port,
    protocol: port.protocol ?? "TCP",
  }));
  return { namespace, name, clusterIp: spec.clusterIP ?? "", ports };
}
