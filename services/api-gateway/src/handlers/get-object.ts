import { type KubeObject, statusInvalid, statusNotFound } from "@podbus/kube";
import { decideListRevision, parseListOptions } from "../domain/list-options.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { objectKey } from "../objects/object-key.ts";
import { reachRevision } from "../objects/reach-revision.ts";
import type { GatewayPorts } from "../ports.ts";

export async function getObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const presentation = presentationOf(call, ports.clock.now());
  const { resource, info } = call;
  const wanted = decideListRevision({ ...parseListOptions(call.query), resourceVersionMatch: "" });
  if (wanted.kind === "invalid") {
    throw statusInvalid(resource, info.name, [
      { type: "FieldValueInvalid", field: wanted.field, message: wanted.message },
    ]);
  }
  await reachRevision(ports, wanted, call.signal);
  const found = ports.store.cache.get<KubeObject>(objectKey(resource, info.namespace, info.name));
  if (!found) throw statusNotFound(resource, info.name);
  return objectReply(found.value, presentation);
}
