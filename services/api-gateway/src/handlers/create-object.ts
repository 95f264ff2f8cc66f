import { randomBytes, randomUUID } from "node:crypto";
import { PodbusError } from "@podbus/errors";
import {
  formatTime,
  type KubeObject,
  type ObjectMeta,
  statusBadRequest,
  statusMethodNotAllowed,
  trackUpdate,
} from "@podbus/kube";
import type { StoredObject } from "@podbus/store";
import { traceparentOf, withSpan } from "@podbus/telemetry";
import { checkWriter } from "../access/check-writer.ts";
import { bear, nameSuffix } from "../domain/object-metadata.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { decodeBody } from "../http/decode-body.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { updaterOf, writeOptionsOf } from "../http/write-options.ts";
import { admitObject } from "../objects/admit-object.ts";
import { allocate } from "../objects/allocate-service.ts";
import { checkNamespace } from "../objects/check-namespace.ts";
import { checkObjectSize } from "../objects/check-object-size.ts";
import { objectKey } from "../objects/object-key.ts";
import { describeStoreError, wasRefused } from "../objects/store-errors.ts";
import type { GatewayPorts } from "../ports.ts";

/** Generated names may meet; a few tries find a free one (KEP-4420). */
const nameAttempts = 8;

export async function createObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  if (resource.namespaced && info.namespace === "") throw statusMethodNotAllowed(resource, "create");
  const presentation = presentationOf(call, ports.clock.now());
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "CreateOptions");
  const { object, warnings } = await decodeBody(call, fieldValidation);
  const created = await createGiven(ports, call, { given: object, dryRun });
  return objectReply(created.object, presentation, { code: 201, warnings: [...warnings, ...created.warnings] });
}

export interface Creation {
  readonly given: KubeObject;
  readonly dryRun: boolean;
  /** Who owns which fields, where a server-side apply has decided it; otherwise the creator owns all of them. */
  readonly managedFields?: ObjectMeta["managedFields"] | undefined;
}

/** Creates an object as a client has given it, after all that has to be checked and completed. */
export async function createGiven(ports: GatewayPorts, call: ResourceCall, creation: Creation): Promise<Created> {
  const { resource, info } = call;
  const { given } = creation;
  checkCreatable(call, given);
  checkObjectSize(given);
  await checkNamespace(ports.store, resource, info.namespace, given.metadata.name);
  return createNamed(ports, call, creation);
}

function checkCreatable({ resource, info }: ResourceCall, { metadata }: KubeObject): void {
  if (resource.namespaced && metadata.namespace && metadata.namespace !== info.namespace) {
    throw statusBadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (metadata.resourceVersion) throw statusBadRequest("resourceVersion should not be set on objects to be created");
}

export interface Created {
  /** As it is stored. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

async function createNamed(ports: GatewayPorts, call: ResourceCall, creation: Creation): Promise<Created> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create(ports, call, creation);
    } catch (error) {
      const named = creation.given.metadata.name !== "";
      const taken = error instanceof PodbusError && error.code === "ALREADY_EXISTS";
      if (named || !taken || attempt === nameAttempts) throw error;
    }
  }
}

async function create(ports: GatewayPorts, call: ResourceCall, creation: Creation): Promise<Created> {
  const { resource, info } = call;
  const { given, dryRun, managedFields } = creation;
  // First who it is: a Job's selector is made of its uid.
  const born = bear(given, {
    namespace: info.namespace,
    uid: randomUUID(),
    creationTimestamp: formatTime(ports.clock.now()),
    nameSuffix: nameSuffix(randomBytes(5)),
    traceparent: resource.kind === "Pod" ? traceparentOf() : undefined,
  });
  const prepared = resource.prepareForCreate(resource.defaults(born));
  checkWriter(ports, call, prepared);
  const owned = managedFields
    ? { ...prepared, metadata: { ...prepared.metadata, managedFields } }
    : trackUpdate(resource, { next: prepared }, { manager: updaterOf(call), nowMs: ports.clock.now() });
  const admitted = await admitObject(ports, { resource, object: owned, user: call.user?.name ?? "" });
  const allocated = await allocate(ports, { resource, object: resource.toStored(admitted.object), dryRun });
  try {
    const { object } = allocated;
    const stored = dryRun ? checkFree(ports, call, object) : (await store(ports, call, object)).value;
    return { object: stored, warnings: admitted.warnings };
  } catch (error) {
    if (wasRefused(error)) await allocated.undo();
    throw error;
  }
}

function store(
  ports: GatewayPorts,
  { resource, info }: ResourceCall,
  object: KubeObject,
): Promise<StoredObject<KubeObject>> {
  const { name } = object.metadata;
  return withSpan(ports.tracer, "store write", {}, async () => {
    try {
      return await ports.store.create(objectKey(resource, info.namespace, name), object);
    } catch (error) {
      throw describeStoreError(error, resource, name);
    }
  });
}

/** A dry run fails as the real one would. */
function checkFree(ports: GatewayPorts, { resource, info }: ResourceCall, object: KubeObject): KubeObject {
  const { name } = object.metadata;
  if (!ports.store.cache.get(objectKey(resource, info.namespace, name))) return object;
  throw describeStoreError(new PodbusError({ code: "ALREADY_EXISTS", message: "" }), resource, name);
}
