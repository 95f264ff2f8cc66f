/**
 * The protobuf form of the few kinds that kubectl (from 1.32 on) sends in it: what `create namespace|configmap|secret|
 * serviceaccount` and `drain` write. Field numbers are those of k8s.io/api/core/v1/generated.proto,
 * policy/v1/generated.proto and k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto.
 */
export type FieldType = "string" | "bytes" | "int64" | "bool" | "time" | "string map" | "bytes map" | Message;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: true;
}

export type Message = ReadonlyMap<number, Field>;

type Row = readonly [number: number, name: string, type: FieldType, repeated?: "repeated"];

function message(...rows: readonly Row[]): Message {
  return new Map(
    rows.map(([number, name, type, repeated]) => [number, { name, type, ...(repeated ? { repeated: true } : {}) }]),
  );
}

const ownerReference = message(
  [1, "kind", "string"],
  [3, "name", "string"],
  [4, "uid", "string"],
  [5, "apiVersion", "string"],
  [6, "controller", "bool"],
  [7, "blockOwnerDeletion", "bool"],
);

const objectMeta = message(
  [1, "name", "string"],
  [2, "generateName", "string"],
  [3, "namespace", "string"],
  [5, "uid", "string"],
  [6, "resourceVersion", "string"],
  [7, "generation", "int64"],
  [8, "creationTimestamp", "time"],
  [9, "deletionTimestamp", "time"],
  [10, "deletionGracePeriodSeconds", "int64"],
  [11, "labels", "string map"],
  [12, "annotations", "string map"],
  [13, "ownerReferences", ownerReference, "repeated"],
  [14, "finalizers", "string", "repeated"],
);

const objectReference = message(
  [1, "kind", "string"],
  [2, "namespace", "string"],
  [3, "name", "string"],
  [4, "uid", "string"],
  [5, "apiVersion", "string"],
  [6, "resourceVersion", "string"],
  [7, "fieldPath", "string"],
);

const deleteOptions = message(
  [1, "gracePeriodSeconds", "int64"],
  [2, "preconditions", message([1, "uid", "string"], [2, "resourceVersion", "string"])],
  [3, "orphanDependents", "bool"],
  [4, "propagationPolicy", "string"],
  [5, "dryRun", "string", "repeated"],
);

const namespace = message(
  [1, "metadata", objectMeta],
  [2, "spec", message([1, "finalizers", "string", "repeated"])],
  [3, "status", message([1, "phase", "string"])],
);

const configMap = message(
  [1, "metadata", objectMeta],
  [2, "data", "string map"],
  [3, "binaryData", "bytes map"],
  [4, "immutable", "bool"],
);

const secret = message(
  [1, "metadata", objectMeta],
  [2, "data", "bytes map"],
  [3, "type", "string"],
  [4, "stringData", "string map"],
  [5, "immutable", "bool"],
);

const serviceAccount = message(
  [1, "metadata", objectMeta],
  [2, "secrets", objectReference, "repeated"],
  [3, "imagePullSecrets", message([1, "name", "string"]), "repeated"],
  [4, "automountServiceAccountToken", "bool"],
);

const eviction = message([1, "metadata", objectMeta], [2, "deleteOptions", deleteOptions]);

/** By "apiVersion kind". */
const kinds: ReadonlyMap<string, Message> = new Map([
  ["v1 Namespace", namespace],
  ["v1 ConfigMap", configMap],
  ["v1 Secret", secret],
  ["v1 ServiceAccount", serviceAccount],
  ["policy/v1 Eviction", eviction],
]);

export function findMessage(apiVersion: string, kind: string): Message | undefined {
  // DeleteOptions are the same in every group.
  return kind === "DeleteOptions" ? deleteOptions : kinds.get(`${apiVersion} ${kind}`);
}

/** What goes around an object (apimachinery/pkg/runtime/generated.proto Unknown). */
export const envelope = message(
  [1, "typeMeta", message([1, "apiVersion", "string"], [2, "kind", "string"])],
  [2, "raw", "bytes"],
);
