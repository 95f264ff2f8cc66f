import {
  equalJson,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
  type SubresourceUpdate,
  statusBadRequest,
  statusConflict,
  statusInvalid,
  statusNotFound,
  trackUpdate,
} from "@podbus/kube";
import { checkWriter } from "../access/check-writer.ts";
import { completesDeletion, keepSystemMetadata } from "../domain/object-metadata.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { updaterOf } from "../http/write-options.ts";
import type { GatewayPorts } from "../ports.ts";
import { admitObject } from "./admit-object.ts";
import { type Allocated, allocate } from "./allocate-service.ts";
import { changeObject } from "./change-object.ts";
import { checkObjectSize } from "./check-object-size.ts";
import { objectKey } from "./object-key.ts";
import { refresh } from "./read-fresh.ts";
import { describeStoreError, wasRefused } from "./store-errors.ts";

export interface Wanted {
  /** What the client wants the object to be. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  /** Who owns which fields, where a server-side apply has decided it; otherwise the writer owns what differs. */
  readonly managedFields?: ObjectMeta["managedFields"];
}

export interface Replaced {
  /** As it is stored. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/**
 * Replaces a stored object (or its status) by what `want` makes of it. A client that names a resourceVersion is
 * told of a conflict; one that does not is retried over whatever is stored.
 */
export async function replaceObject(
  ports: GatewayPorts,
  call: ResourceCall,
  dryRun: boolean,
  want: (current: KubeObject) => Promise<Wanted> | Wanted,
): Promise<Replaced> {
  const { resource, info } = call;
  const key = objectKey(resource, info.namespace, info.name);
  await refresh(ports.store, call.signal);
  let outcome: Replaced | undefined;
  let allocated: Allocated<KubeObject> | undefined;
  try {
    const changed = await changeObject<KubeObject>(ports.store, key, async (current) => {
      const shown = resource.fromStored(current.value);
      const { object, warnings } = await decide(ports, call, shown, await want(shown));
      // Overtaken before: what that attempt was given is not used.
      await allocated?.undo();
      allocated = await allocate(ports, {
        resource,
        object: resource.toStored(object),
        previous: current.value,
        dryRun,
      });
      outcome = { object: allocated.object, warnings };
      if (dryRun || equalJson(outcome.object, current.value)) return { kind: "none" };
      return completesDeletion(outcome.object) ? { kind: "remove" } : { kind: "update", value: outcome.object };
    });
    if (!changed || !outcome) throw statusNotFound(resource, info.name);
    await allocated?.settle();
    return dryRun ? outcome : { object: changed.object.value, warnings: outcome.warnings };
  } catch (error) {
    if (wasRefused(error)) await allocated?.undo();
    throw describeStoreError(error, resource, info.name);
  }
}

async function decide(ports: GatewayPorts, call: ResourceCall, current: KubeObject, wanted: Wanted): Promise<Wanted> {
  const { resource, info } = call;
  checkIdentity(call, current, wanted.object);
  checkObjectSize(wanted.object);
  const next = keepSystemMetadata(wanted.object, current);
  if (info.subresource !== "") {
    const update = subresourceUpdate(resource, info.subresource);
    const prepared = owned(call, { current, wanted, prepared: update.prepare(next, current) }, ports);
    checkWriter(ports, call, prepared, current);
    if (update.reviewed) return admitted(ports, call, { current, wanted, prepared });
    const errors = update.validate(prepared, current);
    if (errors.length > 0) throw statusInvalid(resource, info.name, errors);
    return { object: prepared, warnings: wanted.warnings };
  }
  const made = resource.prepareForUpdate(resource.defaults(next), current);
  const prepared = owned(call, { current, wanted, prepared: made }, ports);
  // An update that changes nothing is not reviewed and not written.
  if (equalJson(prepared, current)) return { object: current, warnings: wanted.warnings };
  checkWriter(ports, call, prepared, current);
  return admitted(ports, call, { current, wanted, prepared });
}

async function admitted(
  ports: GatewayPorts,
  { resource, info, user }: ResourceCall,
  { current, wanted, prepared }: Change,
): Promise<Wanted> {
  const { subresource } = info;
  const subject = { resource, object: prepared, previous: current, subresource, user: user?.name ?? "" };
  const { object, warnings } = await admitObject(ports, subject);
  return { object, warnings: [...wanted.warnings, ...warnings] };
}

interface Change {
  readonly current: KubeObject;
  readonly wanted: Wanted;
  readonly prepared: KubeObject;
}

/** The object with its owners: as an apply has decided, or with the writer as the owner of what it has changed. */
function owned(call: ResourceCall, { current, wanted, prepared }: Change, { clock }: GatewayPorts): KubeObject {
  if (wanted.managedFields) return withManagedFields(prepared, wanted.managedFields);
  const given = wanted.object.metadata.managedFields;
  const change = { previous: current, next: prepared, ...(given ? { given } : {}) };
  return trackUpdate(call.resource, change, { manager: updaterOf(call), nowMs: clock.now() });
}

function withManagedFields(object: KubeObject, managedFields: NonNullable<Wanted["managedFields"]>): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function subresourceUpdate(resource: ResourceDefinition, name: string): SubresourceUpdate {
  const special = resource.subresources.find((each) => each.name === name)?.update;
  return special ?? { prepare: resource.prepareForStatusUpdate, validate: resource.validateStatusUpdate };
}

/** Name, namespace, uid and version that the client gave must be those of the object (rest/update.go BeforeUpdate). */
function checkIdentity({ resource, info }: ResourceCall, current: KubeObject, { metadata }: KubeObject): void {
  if (metadata.name && metadata.name !== info.name) {
    throw statusBadRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  if (resource.namespaced && metadata.namespace && metadata.namespace !== info.namespace) {
    throw statusBadRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (metadata.uid && metadata.uid !== current.metadata.uid) {
    const problem = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${current.metadata.uid}`;
    throw statusConflict(resource, info.name, problem);
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== current.metadata.resourceVersion) {
    throw statusConflict(resource, info.name);
  }
}
