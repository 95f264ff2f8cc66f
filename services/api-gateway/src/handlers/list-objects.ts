import { type KubeObject, type ResourceDefinition, statusBadRequest, statusInvalid } from "@podbus/kube";
import { decideListRevision, parseListOptions } from "../domain/list-options.ts";
import { parseSelection } from "../domain/selection.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { listReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { reachRevision } from "../objects/reach-revision.ts";
import type { GatewayPorts } from "../ports.ts";

/**
 * The whole list at one revision. `limit` is ignored: a server may always answer with everything, and then a
 * `continue` token can only be a mistake.
 */
export async function listObjects(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const presentation = presentationOf(call, ports.clock.now());
  const options = parseListOptions(call.query);
  const selects = parseSelection(call.resource, options.labelSelector, options.fieldSelector);
  if (options.continue !== "") throw statusBadRequest("continue key is not valid: this server gives out none");
  const wanted = decideListRevision(options);
  if (wanted.kind === "invalid") throw invalidListOption(wanted);
  await reachRevision(ports, wanted, call.signal);

  const namespace = call.info.namespace === "" ? undefined : call.info.namespace;
  const { items, revision } = ports.store.cache.list<KubeObject>(call.resource.storageResource, namespace);
  const selected = inOrder(call.resource, items.map(({ value }) => value).filter(selects));
  return listReply(selected, revision, presentation);
}

function inOrder({ listOrder, fromStored }: ResourceDefinition, stored: KubeObject[]): KubeObject[] {
  if (!listOrder) return stored;
  const placed = stored.map((object) => ({ object, place: listOrder(fromStored(object)) }));
  return placed.sort((a, b) => a.place - b.place).map(({ object }) => object);
}

export function invalidListOption({ field, message }: { readonly field: string; readonly message: string }) {
  return statusInvalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
    { type: "FieldValueForbidden", field, message: `Forbidden: ${message}` },
  ]);
}
