import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  type DecodedObject,
  decodeObject,
  type FieldValidation,
  type KubeObject,
  parseDocument,
  type ResourceDefinition,
  statusUnsupportedMediaType,
} from "@podbus/kube";
import type { ResourceCall } from "../http/api-request.ts";
import { mediaTypeOf } from "../http/decode-body.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { replaceObject } from "../objects/replace-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { applyMediaType, applyObject } from "./apply-object.ts";

type Row = Pick<ResourceDefinition, "group" | "version" | "kind" | "schema">;
type Patch = (row: Row, object: KubeObject, patch: unknown) => unknown;

/** Patches that say what to change; a server-side apply says what there shall be. */
const patches: Readonly<Record<string, Patch>> = {
  "application/json-patch+json": (_row, object, patch) => applyJsonPatch(object, patch),
  "application/merge-patch+json": (_row, object, patch) => applyMergePatch(object, patch),
  "application/strategic-merge-patch+json": (row, object, patch) => applyStrategicMergePatch(row, object, patch),
};

export async function patchObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  if (mediaTypeOf(call.header("content-type")) === applyMediaType) return applyObject(ports, call);
  const presentation = presentationOf(call, ports.clock.now());
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "PatchOptions");
  const patch = await readPatch(call);
  const { object, warnings } = await replaceObject(ports, call, dryRun, (current) =>
    patch(call.resource, current, fieldValidation),
  );
  return objectReply(object, presentation, { warnings });
}

/** What the patch in a request's body makes of an object of this kind. */
export type ReadPatch = (row: Row, current: KubeObject, fieldValidation: FieldValidation) => DecodedObject;

export async function readPatch(call: ResourceCall): Promise<ReadPatch> {
  const apply = patches[mediaTypeOf(call.header("content-type"))];
  if (!apply) throw statusUnsupportedMediaType([...Object.keys(patches), applyMediaType]);
  const patch = parseDocument(await call.body(), "application/json");
  return (row, current, fieldValidation) =>
    decodeObject(row, versionAsPatched(apply(row, current, patch), current), fieldValidation);
}

/** The version of what was patched is no precondition: only one that the patch itself names is. */
function versionAsPatched(patched: unknown, current: KubeObject): unknown {
  if (!isRecord(patched) || !isRecord(patched.metadata)) return patched;
  const { resourceVersion, ...metadata } = patched.metadata;
  return resourceVersion === current.metadata.resourceVersion ? { ...patched, metadata } : patched;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
