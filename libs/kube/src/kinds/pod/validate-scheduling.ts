import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../validation/field-error.ts";
import { dnsLabelProblems, labelValueProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import { validateLabelSelector } from "../../validation/object-meta.ts";
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from "./scheduling-schema.ts";

// pkg/apis/core/validation/validation.go ValidateTolerations, validateAffinity, validateTopologySpreadConstraints

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function validateToleration(toleration: Toleration, field: string): FieldError[] {
  const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  if (key !== "") errors.push(...qualifiedNameProblems(key).map((problem) => invalid(`${field}.key`, key, problem)));
  if (key === "" && operator !== "Exists") {
    const problem = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(`${field}.operator`, operator, problem));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    errors.push(invalid(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === "" || operator === "Equal") {
    errors.push(
      ...labelValueProblems(value)
        .slice(0, 1)
        .map((problem) => invalid(`${field}.operator`, value, problem)),
    );
  } else if (operator === "Exists") {
    if (value !== "")
      errors.push(invalid(`${field}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(notSupported(`${field}.operator`, operator, ["Equal", "Exists"]));
  if (effect !== "" && !effects.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, effects));
  return errors;
}

export function validateTolerations(tolerations: readonly Toleration[] | undefined, field: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) => validateToleration(toleration, `${field}[${index}]`));
}

function validateNodeExpression({ key, operator, values = [] }: NodeSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = [];
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) {
        errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator, "not a valid selector operator"));
  }
  return [...errors, ...qualifiedNameProblems(key).map((problem) => invalid(`${field}.key`, key, problem))];
}

function validateNodeField({ key, operator, values = [] }: NodeSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalid(`${field}.operator`, operator, "not a valid selector operator"));
  } else if (values.length !== 1) {
    const problem = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${field}.values`, problem));
  }
  if (key !== "metadata.name") errors.push(invalid(`${field}.key`, key, "not a valid field selector key"));
  return errors;
}

function validateTerm(term: NodeSelectorTerm, field: string): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((one, at) =>
      validateNodeExpression(one, `${field}.matchExpressions[${at}]`),
    ),
    ...(term.matchFields ?? []).flatMap((one, at) => validateNodeField(one, `${field}.matchFields[${at}]`)),
  ];
}

function validateWeight(weight: number, field: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalid(field, weight, "must be in the range 1-100")];
}

function validateNodeAffinity(affinity: NonNullable<Affinity["nodeAffinity"]>, field: string): FieldError[] {
  const needed = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  const neededField = `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const preferredField = `${field}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(needed !== undefined && needed.nodeSelectorTerms.length === 0
      ? [required(neededField, "must have at least one node selector term")]
      : []),
    ...(needed?.nodeSelectorTerms ?? []).flatMap((term, at) => validateTerm(term, `${neededField}[${at}]`)),
    ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, preference }, at) => [
      ...validateWeight(weight, `${preferredField}[${at}].weight`),
      ...validateTerm(preference, `${preferredField}[${at}].preference`),
    ]),
  ];
}

function validatePodTerm(term: PodAffinityTerm, field: string): FieldError[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) =>
      dnsLabelProblems(name).map((problem) => invalid(`${field}.namespace`, name, problem)),
    ),
    ...(term.topologyKey === ""
      ? [required(`${field}.topologyKey`, "can not be empty")]
      : qualifiedNameProblems(term.topologyKey).map((one) => invalid(`${field}.topologyKey`, term.topologyKey, one))),
  ];
}

function validatePodAffinity(affinity: NonNullable<Affinity["podAffinity"]>, field: string): FieldError[] {
  const preferredField = `${field}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, at) =>
      validatePodTerm(term, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${at}]`),
    ),
    ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, podAffinityTerm }, at) => [
      ...validateWeight(weight, `${preferredField}[${at}].weight`),
      ...validatePodTerm(podAffinityTerm, `${preferredField}[${at}].podAffinityTerm`),
    ]),
  ];
}

export function validateAffinity(affinity: Affinity | undefined, field: string): FieldError[] {
  if (affinity === undefined) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity === undefined ? [] : validateNodeAffinity(nodeAffinity, `${field}.nodeAffinity`)),
    ...(podAffinity === undefined ? [] : validatePodAffinity(podAffinity, `${field}.podAffinity`)),
    ...(podAntiAffinity === undefined ? [] : validatePodAffinity(podAntiAffinity, `${field}.podAntiAffinity`)),
  ];
}

const unsatisfiableActions = ["DoNotSchedule", "ScheduleAnyway"];
const inclusionPolicies = ["Honor", "Ignore"];

function validateSpread(constraint: TopologySpreadConstraint, field: string): FieldError[] {
  const { maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
  const errors: FieldError[] = [];
  if (maxSkew <= 0) errors.push(invalid(`${field}.maxSkew`, maxSkew, "must be greater than zero"));
  if (topologyKey === "") errors.push(required(`${field}.topologyKey`, "can not be empty"));
  else
    errors.push(...qualifiedNameProblems(topologyKey).map((one) => invalid(`${field}.topologyKey`, topologyKey, one)));
  if (!unsatisfiableActions.includes(whenUnsatisfiable)) {
    errors.push(notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, unsatisfiableActions));
  }
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(invalid(`${field}.minDomains`, minDomains, "must be greater than zero"));
  }
  if (minDomains !== undefined && whenUnsatisfiable === "ScheduleAnyway") {
    const problem = "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway";
    errors.push(invalid(`${field}.minDomains`, minDomains, problem));
  }
  for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
    const policy = constraint[name];
    if (policy !== undefined && !inclusionPolicies.includes(policy)) {
      errors.push(notSupported(`${field}.${name}`, policy, inclusionPolicies));
    }
  }
  return [...errors, ...validateLabelSelector(constraint.labelSelector, `${field}.labelSelector`)];
}

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  field: string,
): FieldError[] {
  const seen = new Set<string>();
  return (constraints ?? []).flatMap((constraint, index) => {
    const at = `${field}[${index}]`;
    const pair = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
    const errors = validateSpread(constraint, at);
    if (seen.has(pair)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    return errors;
  });
}
