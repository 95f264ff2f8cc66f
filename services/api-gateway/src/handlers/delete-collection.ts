import type { KubeObject } from "@podbus/kube";
import { traceparentOf } from "@podbus/telemetry";
import { deletionOptionsOf } from "../deletion/delete-options.ts";
import { deleteStoredObject } from "../deletion/delete-stored-object.ts";
import { parseListOptions } from "../domain/list-options.ts";
import { parseSelection } from "../domain/selection.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { listReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { refresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

/** Deletes what the selectors choose, one by one; answers with what was deleted or marked. */
export async function deleteCollection(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  const presentation = presentationOf(call, ports.clock.now());
  const options = await deletionOptionsOf(call);
  const { labelSelector, fieldSelector } = parseListOptions(call.query);
  const selects = parseSelection(resource, labelSelector, fieldSelector);
  await refresh(ports.store, call.signal);
  const namespace = info.namespace === "" ? undefined : info.namespace;
  const { items } = ports.store.cache.list<KubeObject>(resource.storageResource, namespace);

  const deleted: KubeObject[] = [];
  for (const { key, value } of items) {
    if (!selects(value)) continue;
    const outcome = await deleteStoredObject(ports, { ...options, resource, key, traceparent: traceparentOf() });
    if (outcome) deleted.push(outcome.object);
  }
  const metadata = { resourceVersion: String(ports.store.cache.revision) };
  return listReply({ objects: deleted, metadata }, presentation);
}
