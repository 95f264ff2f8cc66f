import {
  decodeObject,
  type KubeObject,
  type Scale,
  scaleOf,
  scaleSchema,
  statusBadRequest,
  statusInvalid,
  statusNotFound,
  validateScale,
  withScale,
} from "@podbus/kube";
import type { ResourceCall } from "../http/api-request.ts";
import { parseBody } from "../http/decode-body.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { objectKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import { replaceObject } from "../objects/replace-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { readPatch } from "./patch-object.ts";

const scaleRow = { group: "autoscaling", version: "v1", kind: "Scale", schema: scaleSchema };

/** GET of a controller's scale. */
export async function getScale(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  const stored = await readFresh<KubeObject>(ports.store, objectKey(resource, info.namespace, info.name), call.signal);
  if (!stored) throw statusNotFound(resource, info.name);
  return documentReply(scaleOf(stored.value));
}

/** PUT of a controller's scale: a change of its number of pods, and of nothing else. */
export async function updateScale(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "UpdateOptions");
  const { object } = decodeObject(scaleRow, await parseBody(call, scaleSchema), fieldValidation);
  return scaleBy(ports, call, { dryRun, want: () => object as Scale });
}

export async function patchScale(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "PatchOptions");
  const patch = await readPatch(call);
  const want = (current: Scale) => patch(scaleRow, current, fieldValidation).object as Scale;
  return scaleBy(ports, call, { dryRun, want });
}

interface Scaling {
  readonly dryRun: boolean;
  want(current: Scale): Scale;
}

async function scaleBy(ports: GatewayPorts, call: ResourceCall, { dryRun, want }: Scaling): Promise<Reply> {
  const whole = { ...call, info: { ...call.info, subresource: "" } };
  const { object } = await replaceObject(ports, whole, dryRun, (current) => {
    const scale = want(scaleOf(current));
    if (!scale.metadata.name) throw statusBadRequest("name must be provided");
    const errors = validateScale(scale);
    if (errors.length > 0) throw statusInvalid(scaleRow, call.info.name, errors);
    const { name, namespace, uid, resourceVersion } = scale.metadata;
    const metadata = { ...current.metadata, name, namespace, uid, resourceVersion };
    return { object: { ...withScale(current, scale), metadata }, warnings: [] };
  });
  return documentReply(scaleOf(object));
}
