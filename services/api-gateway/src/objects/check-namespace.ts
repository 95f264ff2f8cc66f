import { type Namespace, type ResourceDefinition, StatusError, statusForbidden, statusNotFound } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import { readFresh } from "./read-fresh.ts";

/** New objects need a namespace that exists and is not going away (apiserver admission plugin NamespaceLifecycle). */
export async function checkNamespace(
  store: ObjectStore,
  resource: ResourceDefinition,
  namespace: string,
  name: string,
): Promise<void> {
  if (!resource.namespaced) return;
  const key = { resource: "namespaces", namespace: "", name: namespace };
  const found = store.cache.get<Namespace>(key) ?? (await readFresh<Namespace>(store, key));
  if (!found) throw statusNotFound("namespaces", namespace);
  if (found.value.metadata.deletionTimestamp === undefined) return;
  const { status } = statusForbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  throw new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
