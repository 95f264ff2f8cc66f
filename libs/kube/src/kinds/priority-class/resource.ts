import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, forbidden, notSupported, required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { immutable } from "../../validation/object-meta.ts";
import { type PriorityClass, priorityClassSchema } from "./schema.ts";
import { highestUserPriority, systemPrefix, systemPriorityClasses } from "./system-classes.ts";

// pkg/apis/scheduling/validation/validation.go

const preemptionPolicies = ["PreemptLowerPriority", "Never"];

/** Why a class of that name is none of the system's. */
function systemClassProblem({ metadata: { name }, value, globalDefault = false }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find(({ metadata }) => metadata.name === name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validateNameAndValue(priorityClass: PriorityClass): FieldError[] {
  const { metadata, value } = priorityClass;
  if (metadata.name.startsWith(systemPrefix)) {
    const problem = systemClassProblem(priorityClass);
    const reserved = `priority class names with '${systemPrefix}' prefix are reserved for system use only`;
    return problem === undefined ? [] : [forbidden("metadata.name", `${reserved}. error: ${problem}`)];
  }
  if (value <= highestUserPriority) return [];
  return [forbidden("value", `maximum allowed value of a user defined priority is ${highestUserPriority}`)];
}

function validatePreemptionPolicy(policy: string | undefined): FieldError[] {
  if (policy === undefined || preemptionPolicies.includes(policy)) return [];
  return [policy === "" ? required("preemptionPolicy") : notSupported("preemptionPolicy", policy, preemptionPolicies)];
}

export const priorityClasses = defineResource<PriorityClass>({
  group: "scheduling.k8s.io",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  namespaced: false,
  schema: priorityClassSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: (object) => ({ ...object, preemptionPolicy: object.preemptionPolicy ?? "PreemptLowerPriority" }),
  // pkg/registry/scheduling/priorityclass/strategy.go: begun, never counted.
  prepare: (object, previous) =>
    previous === undefined ? { ...object, metadata: { ...object.metadata, generation: 1 } } : object,
  validate: (object) => [...validateNameAndValue(object), ...validatePreemptionPolicy(object.preemptionPolicy)],
  // The two rules of an update cover what may be wrong with the new object.
  validatesWholeUpdate: true,
  validateUpdate: (next, previous) => [
    ...(next.value === previous.value ? [] : [forbidden("value", "may not be changed in an update.")]),
    ...immutable("preemptionPolicy", next.preemptionPolicy, previous.preemptionPolicy),
  ],
  columns: [
    nameColumn,
    { name: "Value", type: "integer", description: "The priority of its pods.", cell: ({ value }) => value },
    {
      name: "Global-Default",
      type: "boolean",
      description: "Whether pods that name no class are of this one.",
      cell: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn,
    {
      name: "PreemptionPolicy",
      type: "string",
      description: "Whether its pods may drive out others.",
      cell: ({ preemptionPolicy }) => preemptionPolicy ?? "",
    },
  ],
});
