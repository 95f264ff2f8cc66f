import type { CallContext } from "@podbus/bus";
import type { GetPodDependencyRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import {
  configMaps,
  type KubeObject,
  podReferences,
  type ReferencedResource,
  runtimeClasses,
  secrets,
} from "@podbus/kube";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";
import { findOwnPod } from "./own-pod.ts";

const resources = { secrets, configmaps: configMaps, runtimeclasses: runtimeClasses } as const;

/** NodeApi.GetPodDependency: a node reads what its pods refer to, and nothing else. */
export async function getPodDependency(
  { store }: Pick<GatewayPorts, "store">,
  { pod: ref, resource, name }: GetPodDependencyRequest,
  { node }: CallContext,
): Promise<{ objectJson: Uint8Array }> {
  if (!isDependencyResource(resource)) {
    const message = `resource must be one of ${Object.keys(resources).join(", ")}, not ${JSON.stringify(resource)}`;
    throw new PodbusError({ code: "INVALID_ARGUMENT", message });
  }
  const pod = await findOwnPod(store, ref, node);
  if (!podReferences(pod.value, resource).has(name)) {
    const message = `pod ${pod.key.namespace}/${pod.key.name} does not refer to ${resource} ${JSON.stringify(name)}`;
    throw new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message });
  }
  const { storageResource, namespaced, singular } = resources[resource];
  const key = { resource: storageResource, namespace: namespaced ? pod.key.namespace : "", name };
  const found = store.cache.get<KubeObject>(key) ?? (await readFresh<KubeObject>(store, key));
  if (!found) {
    throw new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: `${singular} "${name}" not found` });
  }
  return { objectJson: Buffer.from(JSON.stringify(found.value)) };
}

function isDependencyResource(resource: string): resource is ReferencedResource {
  return Object.hasOwn(resources, resource);
}
