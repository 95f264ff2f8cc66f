import {
  applyFields,
  conflictMessage,
  decodeObject,
  isJsonObject,
  type KubeObject,
  type Manager,
  type ObjectMeta,
  parseDocument,
  StatusError,
  statusBadRequest,
  statusConflict,
} from "@podbus/kube";
import { checkMay } from "../access/admit-request.ts";
import type { WriteOptions } from "../domain/write-options.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { objectKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import { replaceObject, type Wanted } from "../objects/replace-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { createGiven } from "./create-object.ts";

export const applyMediaType = "application/apply-patch+yaml";

/** Server-side apply: the object as its manager wants it, created if it is not there. */
export async function applyObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  const presentation = presentationOf(call, ports.clock.now());
  const options = writeOptionsOf(call.query, "PatchOptions", true);
  const { applied, warnings } = await readApplied(call, options);
  const manager: Manager = { name: options.fieldManager, operation: "Apply", subresource: info.subresource };
  const by = { manager, nowMs: ports.clock.now(), force: options.force };
  const stored = await readFresh<KubeObject>(ports.store, objectKey(resource, info.namespace, info.name), call.signal);
  if (!stored && info.subresource === "") {
    checkMay(ports, call, "create");
    if (applied.metadata.uid) {
      const problem = `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing object was found`;
      throw statusConflict(resource, info.name, problem);
    }
    const nothing = { apiVersion: applied.apiVersion, kind: applied.kind, metadata: {} } as KubeObject;
    const outcome = applyFields(resource, { live: nothing, applied }, by);
    const managedFields = outcome.kind === "object" ? outcome.managedFields : undefined;
    const given = decodeObject(resource, applied, "Ignore").object;
    const created = await createGiven(ports, call, { given, dryRun: options.dryRun, managedFields });
    return objectReply(created.object, presentation, { code: 201, warnings: [...warnings, ...created.warnings] });
  }
  const replaced = await replaceObject(ports, call, options.dryRun, (live): Wanted => {
    const outcome = applyFields(resource, { live, applied }, by);
    if (outcome.kind === "conflict") throw applyConflict(outcome.conflicts);
    const { object } = decodeObject(resource, outcome.object, "Ignore");
    return { object: withVersionOf(applied, object), warnings, managedFields: outcome.managedFields ?? [] };
  });
  return objectReply(replaced.object, presentation, { warnings: replaced.warnings });
}

/** The version of the live object is no precondition; one that the applied object names is. */
function withVersionOf({ metadata: { resourceVersion } }: KubeObject, object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: resourceVersion ? { ...metadata, resourceVersion } : metadata };
}

async function readApplied({ body, resource, info }: ResourceCall, { fieldValidation }: WriteOptions) {
  const document = parseDocument(await body(), "application/yaml");
  const { object, warnings } = decodeObject(resource, document, fieldValidation);
  const applied = givenParts(object, document) as KubeObject;
  const { metadata } = applied;
  if (metadata?.managedFields) throw statusBadRequest("metadata.managedFields must be nil");
  if (metadata?.name && metadata.name !== info.name) {
    throw statusBadRequest(`metadata.name must match the request: ${metadata.name} is not ${info.name}`);
  }
  if (resource.namespaced && metadata?.namespace && metadata.namespace !== info.namespace) {
    throw statusBadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const named: ObjectMeta = { ...metadata, name: info.name, ...(info.namespace ? { namespace: info.namespace } : {}) };
  return { applied: { ...applied, metadata: named }, warnings };
}

/** The decoded object without what the decoder has filled in: who applies owns what he has written, and nothing else. */
function givenParts(decoded: unknown, given: unknown): unknown {
  if (Array.isArray(decoded) && Array.isArray(given)) return decoded.map((item, at) => givenParts(item, given[at]));
  if (!isJsonObject(decoded) || !isJsonObject(given)) return decoded;
  const own = Object.entries(decoded).filter(([name]) => Object.hasOwn(given, name) && given[name] !== null);
  const always = Object.entries(decoded).filter(([name]) => name === "apiVersion" || name === "kind");
  return Object.fromEntries([...always, ...own.map(([name, value]) => [name, givenParts(value, given[name])])]);
}

/** apimachinery/pkg/api/errors NewApplyConflict */
function applyConflict(conflicts: Parameters<typeof conflictMessage>[0]): StatusError {
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: conflictMessage(conflicts),
    reason: "Conflict",
    details: {
      causes: conflicts.map(({ manager, field }) => ({
        reason: "FieldManagerConflict",
        message: `conflict with ${manager}`,
        field,
      })),
    },
    code: 409,
  });
}
