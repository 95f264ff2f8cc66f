import {
  namespaces,
  type ResourceDefinition,
  statusForbidden,
  statusNotFound,
  successStatus,
  systemPriorityClasses,
} from "@podbus/kube";
import { traceparentOf, withSpan } from "@podbus/telemetry";
import { deletionOptionsOf } from "../deletion/delete-options.ts";
import { type Deleted, deleteStoredObject } from "../deletion/delete-stored-object.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { objectReply, presentationOf } from "../http/presentation.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { objectKey } from "../objects/object-key.ts";
import { refresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

/** apiserver admission plugin NamespaceLifecycle. */
const immortal: ReadonlySet<string> = new Set([namespaces.default, namespaces.system, namespaces.public]);

export async function deleteObject(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  const presentation = presentationOf(call, ports.clock.now());
  const options = await deletionOptionsOf(call);
  checkMortal(resource, info.name);
  await refresh(ports.store, call.signal);
  const traceparent = traceparentOf();
  const deleted = await withSpan(ports.tracer, "store write", {}, () =>
    deleteStoredObject(ports, {
      ...options,
      resource,
      key: objectKey(resource, info.namespace, info.name),
      traceparent,
    }),
  );
  if (!deleted) throw statusNotFound(resource, info.name);
  if (answersWithObject(resource, deleted)) return objectReply(deleted.object, presentation);
  const { name, uid = "" } = deleted.object.metadata;
  return documentReply(successStatus({ name, group: resource.group, kind: resource.plural, uid }));
}

export function checkMortal(resource: ResourceDefinition, name: string): void {
  if (resource.kind === "Namespace" && immortal.has(name)) {
    throw statusForbidden(resource, name, "this namespace may not be deleted");
  }
  // pkg/registry/scheduling/priorityclass/storage/storage.go
  const ofSystem = systemPriorityClasses.some(({ metadata }) => metadata.name === name);
  if (resource.kind === "PriorityClass" && ofSystem) {
    throw statusForbidden(resource, name, "this is a system priority class and cannot be deleted");
  }
}

/** Kubernetes shows what still exists, and the last of a pod; of the rest it says only that it is gone. */
function answersWithObject(resource: ResourceDefinition, { removed }: Deleted): boolean {
  return !removed || resource.kind === "Pod" || resource.kind === "ServiceAccount";
}
