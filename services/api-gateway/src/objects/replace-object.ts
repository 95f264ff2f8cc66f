import {
  equalJson,
  type KubeObject,
  statusBadRequest,
  statusConflict,
  statusInvalid,
  statusNotFound,
} from "@podbus/kube";
import type { StoredObject } from "@podbus/store";
import { completesDeletion, keepSystemMetadata } from "../domain/object-metadata.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";
import { admitObject } from "./admit-object.ts";
import { changeObject } from "./change-object.ts";
import { checkObjectSize } from "./check-object-size.ts";
import { objectKey } from "./object-key.ts";
import { refresh } from "./read-fresh.ts";
import { describeStoreError } from "./store-errors.ts";

export interface Wanted {
  /** What the client wants the object to be. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

export interface Replaced {
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
  try {
    const changed = await changeObject<KubeObject>(ports.store, key, async (current) => {
      outcome = await decide(ports, call, current, await want(current.value));
      if (dryRun || equalJson(outcome.object, current.value)) return { kind: "none" };
      return completesDeletion(outcome.object) ? { kind: "remove" } : { kind: "update", value: outcome.object };
    });
    if (!changed || !outcome) throw statusNotFound(resource, info.name);
    return dryRun ? outcome : { object: changed.object.value, warnings: outcome.warnings };
  } catch (error) {
    throw describeStoreError(error, resource, info.name);
  }
}

async function decide(
  ports: GatewayPorts,
  call: ResourceCall,
  current: StoredObject<KubeObject>,
  wanted: Wanted,
): Promise<Replaced> {
  const { resource, info } = call;
  checkIdentity(call, current.value, wanted.object);
  checkObjectSize(wanted.object);
  const next = keepSystemMetadata(wanted.object, current.value);
  if (info.subresource === "status") {
    const prepared = resource.prepareForStatusUpdate(next, current.value);
    const errors = resource.validateStatusUpdate(prepared, current.value);
    if (errors.length > 0) throw statusInvalid(resource, info.name, errors);
    return { object: prepared, warnings: wanted.warnings };
  }
  const prepared = resource.prepareForUpdate(resource.defaults(next), current.value);
  // An update that changes nothing is not reviewed and not written.
  if (equalJson(prepared, current.value)) return { object: current.value, warnings: wanted.warnings };
  const subject = { resource, object: prepared, previous: current.value, user: call.user?.name ?? "" };
  const { object, warnings } = await admitObject(ports, subject);
  return { object, warnings: [...wanted.warnings, ...warnings] };
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
