import { type KubeObject, type Pod, statusForbidden } from "@podbus/kube";
import { nodeWriteProblem } from "../domain/access/node-restriction.ts";
import { nodeOf } from "../domain/user.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { podKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";
import { checkGrants } from "./check-grants.ts";

/**
 * What may be written can depend on who writes it: a node writes only what is its own, and nobody grants what he does
 * not have. `previous` is the stored object, for an update. Throws the Status of a refusal.
 */
export function checkWriter(
  ports: Pick<GatewayPorts, "access" | "store">,
  call: ResourceCall,
  object: KubeObject,
  previous?: KubeObject,
): void {
  checkNode(ports, call, object, previous);
  checkGrants(ports, call, object, previous);
}

/** Admission plugin NodeRestriction. */
function checkNode(
  { store }: Pick<GatewayPorts, "store">,
  { resource, info, user }: ResourceCall,
  object: KubeObject,
  previous?: KubeObject,
): void {
  const node = user && nodeOf(user);
  if (node === undefined) return;
  const { namespace, subresource } = info;
  const name = info.name || object.metadata.name;
  const write = { resource: resource.storageResource, subresource, namespace, name, object, previous };
  const problem = nodeWriteProblem(node, write, (...pod) => store.cache.get<Pod>(podKey(...pod))?.value);
  if (problem !== undefined) throw statusForbidden(resource, name, problem);
}
