import { randomUUID } from "node:crypto";
import { PodbusError } from "@podbus/errors";
import {
  type ConfigMap,
  formatTime,
  type KubeObject,
  labels,
  type Namespace,
  namespaceFinalizer,
  namespaces,
  type ServiceAccount,
} from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";

/** Every namespace that is always there. */
export const defaultNamespaces: readonly string[] = Object.values(namespaces);

export interface Founding {
  readonly store: ObjectStore;
  readonly now: number;
}

/** Creates what is not there; what is there is left as it is. */
export async function ensure(store: ObjectStore, resource: string, object: KubeObject): Promise<void> {
  const { namespace = "", name } = object.metadata;
  const key = { resource, namespace, name };
  if (store.cache.get(key)) return;
  try {
    await store.create(key, object);
  } catch (error) {
    // Another replica was faster.
    if (!(error instanceof PodbusError && error.code === "ALREADY_EXISTS")) throw error;
  }
}

export async function ensureNamespace({ store, now }: Founding, name: string): Promise<void> {
  const namespace: Namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, uid: randomUUID(), creationTimestamp: formatTime(now), labels: { [labels.namespaceName]: name } },
    spec: { finalizers: [namespaceFinalizer] },
    status: { phase: "Active" },
  };
  await ensure(store, "namespaces", namespace);
}

/** What Kubernetes puts into every namespace: the default account, and the authority that signs the API server. */
export async function ensureNamespaceContent(
  { store, now }: Founding,
  namespace: string,
  authorityPem: string,
): Promise<void> {
  const metadata = () => ({ namespace, uid: randomUUID(), creationTimestamp: formatTime(now) });
  const account: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", ...metadata() },
  };
  const authority: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "kube-root-ca.crt",
      ...metadata(),
      annotations: {
        "kubernetes.io/description": "The authority that signed the API server's certificate.",
      },
    },
    data: { "ca.crt": authorityPem },
  };
  await ensure(store, "serviceaccounts", account);
  await ensure(store, "configmaps", authority);
}
