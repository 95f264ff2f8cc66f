import { isIP } from "node:net";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../validation/field-error.ts";
import { dnsLabelProblems, dnsSubdomainProblems, ipProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import { validateLabels } from "../../validation/object-meta.ts";
import { validateMirrorPod } from "./mirror-pod.ts";
import { validateProbePeriods } from "./probe-periods.ts";
import type { Pod, PodSpec } from "./schema.ts";
import { validateContainers } from "./validate-container.ts";
import { validateResourceList } from "./validate-resources.ts";
import { validateAffinity, validateTolerations, validateTopologySpread } from "./validate-scheduling.ts";
import { validatePodSecurity } from "./validate-security.ts";
import { validateVolumes } from "./validate-volumes.ts";

// pkg/apis/core/validation/validation.go ValidatePodSpec, ValidatePodCreate

const restartPolicies = ["Always", "OnFailure", "Never"];
const dnsPolicies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const preemptionPolicies = ["Never", "PreemptLowerPriority"];

function validateChoice(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (value === undefined || value === "") return [required(field)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function validateSubdomainName(value: string | undefined, field: string): FieldError[] {
  return value === undefined ? [] : dnsSubdomainProblems(value).map((problem) => invalid(field, value, problem));
}

function validateLabelName(value: string | undefined, field: string): FieldError[] {
  return value === undefined ? [] : dnsLabelProblems(value).map((problem) => invalid(field, value, problem));
}

function validateDns(spec: PodSpec, field: string): FieldError[] {
  const nameservers = spec.dnsConfig?.nameservers ?? [];
  const searches = spec.dnsConfig?.searches ?? [];
  const at = `${field}.dnsConfig`;
  const errors: FieldError[] = [];
  if (spec.dnsPolicy === "None" && spec.dnsConfig === undefined) {
    errors.push(required(at, "must provide `dnsConfig` when `dnsPolicy` is None"));
  } else if (spec.dnsPolicy === "None" && nameservers.length === 0) {
    errors.push(required(`${at}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  if (nameservers.length > 3)
    errors.push(invalid(`${at}.nameservers`, nameservers, "must not have more than 3 nameservers"));
  for (const [index, server] of nameservers.entries()) {
    errors.push(...ipProblems(server).map((problem) => invalid(`${at}.nameservers[${index}]`, server, problem)));
  }
  if (searches.length > 32) errors.push(invalid(`${at}.searches`, searches, "must not have more than 32 search paths"));
  for (const [index, search] of searches.entries()) {
    const name = search.endsWith(".") ? search.slice(0, -1) : search;
    errors.push(...dnsSubdomainProblems(name).map((problem) => invalid(`${at}.searches[${index}]`, search, problem)));
  }
  for (const [index, { name }] of (spec.dnsConfig?.options ?? []).entries()) {
    if ((name ?? "") === "") errors.push(required(`${at}.options[${index}]`, "must not be empty"));
  }
  return errors;
}

function validateHostAliases(spec: PodSpec, field: string): FieldError[] {
  return (spec.hostAliases ?? []).flatMap(({ ip, hostnames }, index) => [
    ...(isIP(ip) === 0
      ? [invalid(`${field}[${index}].ip`, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
      : []),
    ...(hostnames ?? []).flatMap((name) =>
      dnsSubdomainProblems(name).map((problem) => invalid(`${field}[${index}].hostnames`, name, problem)),
    ),
  ]);
}

function validateTimes(spec: PodSpec, field: string): FieldError[] {
  const deadline = spec.activeDeadlineSeconds;
  if (deadline === undefined || (deadline >= 1 && deadline <= 2 ** 31 - 1)) return [];
  return [invalid(`${field}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive")];
}

function validateGates(spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>();
  const gates = (spec.schedulingGates ?? []).flatMap(({ name }, index) => {
    const at = `${field}.schedulingGates[${index}]`;
    const again = seen.has(name);
    seen.add(name);
    return [
      ...qualifiedNameProblems(name).map((problem) => invalid(at, name, problem)),
      ...(again ? [duplicate(at, name)] : []),
    ];
  });
  const readiness = (spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
    qualifiedNameProblems(conditionType).map((problem) =>
      invalid(`${field}.readinessGates[${index}].conditionType`, conditionType, problem),
    ),
  );
  return [...gates, ...readiness];
}

function validateNames(spec: PodSpec, field: string): FieldError[] {
  const errors = [
    ...validateSubdomainName(spec.serviceAccountName, `${field}.serviceAccountName`),
    ...validateSubdomainName(spec.nodeName, `${field}.nodeName`),
    ...validateSubdomainName(spec.priorityClassName, `${field}.priorityClassName`),
    ...validateSubdomainName(spec.runtimeClassName, `${field}.runtimeClassName`),
    ...validateLabelName(spec.hostname, `${field}.hostname`),
    ...validateLabelName(spec.subdomain, `${field}.subdomain`),
  ];
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if ((name ?? "") === "") errors.push(required(`${field}.imagePullSecrets[${index}].name`));
  }
  const os = spec.os?.name;
  if (os !== undefined && os !== "linux" && os !== "windows") {
    errors.push(os === "" ? required(`${field}.os.name`) : notSupported(`${field}.os`, os, ["linux", "windows"]));
  }
  return errors;
}

/** The spec alone; also for the templates of workloads. */
export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  return [
    ...validateVolumes(spec.volumes, `${field}.volumes`),
    ...validateContainers(spec, field),
    ...validateChoice(spec.restartPolicy, restartPolicies, `${field}.restartPolicy`),
    ...validateChoice(spec.dnsPolicy, dnsPolicies, `${field}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validatePodSecurity(spec, field),
    ...validateAffinity(spec.affinity, `${field}.affinity`),
    ...validateDns(spec, field),
    ...validateGates(spec, field),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`),
    ...validateNames(spec, field),
    ...validateTolerations(spec.tolerations, `${field}.tolerations`),
    ...validateHostAliases(spec, `${field}.hostAliases`),
    ...validateTimes(spec, field),
    ...(spec.preemptionPolicy === undefined
      ? []
      : validateChoice(spec.preemptionPolicy, preemptionPolicies, `${field}.preemptionPolicy`)),
    ...validateResourceList(spec.overhead, `${field}.overhead`),
  ];
}

/** What must hold of a new pod, beyond its metadata. */
export function validateNewPod(pod: Pod): FieldError[] {
  const errors = [...validateMirrorPod(pod), ...validateProbePeriods(pod), ...validatePodSpec(pod.spec, "spec")];
  if ((pod.spec.ephemeralContainers ?? []).length > 0) {
    errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  }
  if (pod.spec.nodeName !== undefined && (pod.spec.schedulingGates ?? []).length > 0) {
    errors.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  return errors;
}
