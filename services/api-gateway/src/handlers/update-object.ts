import { statusBadRequest } from "@podbus/kube";
import type { ResourceCall } from "../http/api-request.ts";
import { decodeBody } from "../http/decode-body.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { replaceObject } from "../objects/replace-object.ts";
import type { GatewayPorts } from "../ports.ts";

/** PUT of an object or of its status. */
export async function updateObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const presentation = presentationOf(call, ports.clock.now());
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "UpdateOptions");
  const body = await decodeBody(call, fieldValidation);
  if (!body.object.metadata.name) throw statusBadRequest("name must be provided");
  const { object, warnings } = await replaceObject(ports, call, dryRun, () => body);
  return objectReply(object, presentation, { warnings });
}
