import type { ResourceDefinition } from "@podbus/kube";
import type { ObjectKey } from "@podbus/store";

export function objectKey(resource: ResourceDefinition, namespace: string, name: string): ObjectKey {
  return { resource: resource.storageResource, namespace: resource.namespaced ? namespace : "", name };
}

export function podKey(namespace: string, name: string): ObjectKey {
  return { resource: "pods", namespace, name };
}
