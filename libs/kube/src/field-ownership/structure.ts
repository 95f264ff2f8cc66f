import { z } from "zod";
import { fieldMeta, metaOf } from "../schema/fields.ts";
import { required } from "../schema/walk.ts";

/** How the parts of a value belong to their owners. */
export type Structure =
  /** One value; a list or map that only goes as a whole is one, too. */
  | { readonly kind: "leaf" }
  | { readonly kind: "fields"; readonly field: (name: string) => z.core.$ZodTypes | undefined }
  /** Keys are free, each has its owner. */
  | { readonly kind: "map"; readonly value: z.core.$ZodTypes }
  | { readonly kind: "set" }
  | { readonly kind: "keyed"; readonly keys: readonly string[]; readonly item: z.core.$ZodTypes };

/** Types whose fields make sense only together: +structType=atomic in Kubernetes' sources (x-kubernetes-map-type). */
const atomicTypes: ReadonlySet<string> = new Set(
  [
    "core.v1.ConfigMapKeySelector",
    "core.v1.LocalObjectReference",
    "core.v1.NodeSelector",
    "core.v1.NodeSelectorTerm",
    "core.v1.ObjectFieldSelector",
    "core.v1.ObjectReference",
    "core.v1.ResourceFieldSelector",
    "core.v1.SecretKeySelector",
    "core.v1.SecretReference",
    "core.v1.TopologySelectorTerm",
    "core.v1.TypedLocalObjectReference",
    "discovery.v1.EndpointPort",
    "rbac.v1.RoleRef",
    "rbac.v1.Subject",
  ]
    .map((name) => `io.k8s.api.${name}`)
    .concat(
      "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
      "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
    ),
);

/** Maps that only go as a whole, by the type that they are in: +mapType=atomic. */
const atomicMaps: ReadonlySet<string> = new Set([
  "io.k8s.api.core.v1.PodSpec nodeSelector",
  "io.k8s.api.core.v1.ServiceSpec selector",
  "io.k8s.api.core.v1.ReplicationControllerSpec selector",
  "io.k8s.api.node.v1.Scheduling nodeSelector",
]);

/** Whether objects of this type only go as a whole. */
export const isAtomicType = (typeName: string | undefined) => typeName !== undefined && atomicTypes.has(typeName);

/** Whether the map in this field of the type only goes as a whole. */
export const isAtomicMap = (typeName: string | undefined, field: string) => atomicMaps.has(`${typeName} ${field}`);

const leaf: Structure = { kind: "leaf" };
const atomicMap = z.record(z.string(), z.unknown()).register(fieldMeta, { format: "raw-object" }) as z.core.$ZodTypes;

export function structureOf(schema: z.core.$ZodTypes): Structure {
  const { format, typeName = "", mergeKey, listMapKeys, patchStrategy } = metaOf(schema);
  const { def } = schema._zod;
  if (format !== undefined) return leaf;
  switch (def.type) {
    case "object":
      return isAtomicType(typeName) ? leaf : { kind: "fields", field: (name) => fieldOf(typeName, def.shape, name) };
    case "record":
      return { kind: "map", value: required(def.valueType) };
    case "array": {
      const keys = listMapKeys ?? (mergeKey === undefined ? undefined : [mergeKey]);
      if (keys) return { kind: "keyed", keys, item: required(def.element) };
      return patchStrategy === "merge" ? { kind: "set" } : leaf;
    }
    default:
      return leaf;
  }
}

function fieldOf(typeName: string, shape: z.core.$ZodShape, name: string): z.core.$ZodTypes | undefined {
  const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (!field) return undefined;
  // An atomic map is told apart by its place; a schema of no structure stands for it.
  return isAtomicMap(typeName, name) ? atomicMap : required(field);
}

/** Defaults of keys that an item may leave out (kube-openapi: default in x-kubernetes-list-map-keys). */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: "TCP" };

/** The path element of an item: `k:{"containerPort":80,"protocol":"TCP"}`, keys sorted. */
export function keyedElement(item: unknown, keys: readonly string[]): string {
  const values = item as Record<string, unknown>;
  const sorted = [...keys].sort().flatMap((key) => {
    const value = values[key] ?? keyDefaults[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

export const valueElement = (value: unknown) => `v:${JSON.stringify(value)}`;
