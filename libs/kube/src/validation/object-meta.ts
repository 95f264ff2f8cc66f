import { equalJson } from "../json.ts";
import type { KubeObject, LabelSelector, ObjectMeta, OwnerReference } from "../schema/meta.ts";
import { type FieldError, forbidden, invalid, required, tooLong } from "./field-error.ts";
import { dnsLabelProblems, labelValueProblems, qualifiedNameProblems } from "./formats.ts";

// staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go

export type NameProblems = (name: string) => string[];

const largestAnnotations = 256 * 1024;
const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalid(field, key, problem)),
    ...labelValueProblems(value).map((problem) => invalid(field, value, problem)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entries.flatMap(([key]) =>
      qualifiedNameProblems(key.toLowerCase()).map((problem) => invalid(field, key, problem)),
    ),
    ...(size > largestAnnotations ? [tooLong(field, largestAnnotations)] : []),
  ];
}

function validateOwner(owner: OwnerReference, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (owner.apiVersion === "")
    errors.push(invalid(`${field}.apiVersion`, owner.apiVersion, "version must not be empty"));
  if (owner.kind === "") errors.push(invalid(`${field}.kind`, owner.kind, "kind must not be empty"));
  if (owner.name === "") errors.push(invalid(`${field}.name`, owner.name, "name must not be empty"));
  if (owner.uid === "") errors.push(invalid(`${field}.uid`, owner.uid, "uid must not be empty"));
  if (owner.kind === "Event" && owner.apiVersion === "v1") {
    errors.push(invalid(field, owner, `${owner.apiVersion}, Kind=Event is disallowed from being an owner`));
  }
  return errors;
}

function validateOwners(owners: readonly OwnerReference[] | undefined, field: string): FieldError[] {
  const controllers = (owners ?? []).filter((owner) => owner.controller === true);
  const [first, second] = controllers;
  const errors = (owners ?? []).flatMap((owner, index) => validateOwner(owner, `${field}[${index}]`));
  if (first !== undefined && second !== undefined) {
    const problem = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    errors.push(invalid(field, owners, problem));
  }
  return errors;
}

function unknownNameProblems(name: string): string[] {
  if (name.includes("/") || standardFinalizers.has(name)) return [];
  return ["name is neither a standard finalizer name nor is it fully qualified"];
}

/** A finalizer is one that Kubernetes knows, or somebody's own. */
export function finalizerProblems(name: string): string[] {
  return [...qualifiedNameProblems(name), ...unknownNameProblems(name)];
}

function validateFinalizers(finalizers: readonly string[] | undefined, field: string): FieldError[] {
  const names = finalizers ?? [];
  const errors = names.flatMap((name, index) => [
    ...qualifiedNameProblems(name).map((problem) => invalid(field, name, problem)),
    ...unknownNameProblems(name).map((problem) => invalid(`${field}[${index}]`, name, problem)),
  ]);
  if (names.includes("orphan") && names.includes("foregroundDeletion")) {
    errors.push(invalid(field, names, "finalizer foregroundDeletion and orphan cannot be both set"));
  }
  return errors;
}

function validateName(meta: ObjectMeta, nameProblems: NameProblems): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName !== undefined) {
    const sample = meta.generateName.endsWith("-") ? `${meta.generateName.slice(0, -1)}a` : meta.generateName;
    errors.push(...nameProblems(sample).map((problem) => invalid("metadata.generateName", meta.generateName, problem)));
  }
  if (meta.name === "") {
    if (meta.generateName === undefined) errors.push(required("metadata.name", "name or generateName is required"));
  } else errors.push(...nameProblems(meta.name).map((problem) => invalid("metadata.name", meta.name, problem)));
  return errors;
}

function validateNamespace(meta: ObjectMeta, namespaced: boolean): FieldError[] {
  const field = "metadata.namespace";
  if (!namespaced) return meta.namespace === undefined ? [] : [forbidden(field, "not allowed on this type")];
  if (meta.namespace === undefined || meta.namespace === "") return [required(field)];
  return dnsLabelProblems(meta.namespace).map((problem) => invalid(field, meta.namespace, problem));
}

export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, nameProblems: NameProblems): FieldError[] {
  return [
    ...validateName(meta, nameProblems),
    ...validateNamespace(meta, namespaced),
    ...((meta.generation ?? 0) < 0
      ? [invalid("metadata.generation", meta.generation, "must be greater than or equal to 0")]
      : []),
    ...validateLabels(meta.labels, "metadata.labels"),
    ...validateAnnotations(meta.annotations, "metadata.annotations"),
    ...validateOwners(meta.ownerReferences, "metadata.ownerReferences"),
    ...validateFinalizers(meta.finalizers, "metadata.finalizers"),
  ];
}

export function immutable(field: string, next: unknown, previous: unknown): FieldError[] {
  return equalJson(next, previous) ? [] : [invalid(field, next, "field is immutable")];
}

export function validateObjectMetaUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const { metadata } = next;
  const before = previous.metadata;
  const errors: FieldError[] = [];
  const added = (metadata.finalizers ?? []).filter((name) => before.finalizers?.includes(name) !== true);
  if (before.deletionTimestamp !== undefined && added.length > 0) {
    const list = added.map((name) => `"${name}"`).join(", ");
    const problem = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
    errors.push(forbidden("metadata.finalizers", problem));
  }
  if ((metadata.generation ?? 0) < (before.generation ?? 0)) {
    errors.push(invalid("metadata.generation", metadata.generation ?? 0, "must not be decremented"));
  }
  const fixed = [
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ] as const;
  for (const name of fixed) errors.push(...immutable(`metadata.${name}`, metadata[name], before[name]));
  return [
    ...errors,
    ...validateLabels(metadata.labels, "metadata.labels"),
    ...validateAnnotations(metadata.annotations, "metadata.annotations"),
    ...validateOwners(metadata.ownerReferences, "metadata.ownerReferences"),
    ...validateFinalizers(metadata.finalizers, "metadata.finalizers"),
  ];
}

export function validateLabelSelector(selector: LabelSelector | undefined, field: string): FieldError[] {
  const expressions = selector?.matchExpressions ?? [];
  return [
    ...validateLabels(selector?.matchLabels, `${field}.matchLabels`),
    ...expressions.flatMap(({ key, operator, values }, index) => {
      const path = `${field}.matchExpressions[${index}]`;
      return [
        ...validateSelectorOperator(operator, values ?? [], path),
        ...qualifiedNameProblems(key).map((problem) => invalid(`${path}.key`, key, problem)),
        ...(values ?? []).flatMap((value, at) =>
          labelValueProblems(value).map((problem) => invalid(`${path}.values[${at}]`, value, problem)),
        ),
      ];
    }),
  ];
}

export function validateSelectorOperator(operator: string, values: readonly string[], path: string): FieldError[] {
  switch (operator) {
    case "In":
    case "NotIn":
      return values.length > 0
        ? []
        : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      return values.length === 0
        ? []
        : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(`${path}.operator`, operator, "not a valid selector operator")];
  }
}
