import { duplicate, type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { ipProblems } from "../../validation/formats.ts";
import { familyOf } from "../../validation/ip-addresses.ts";
import type { Service, ServiceSpec } from "./schema.ts";
import { isHeadless, noClusterIp } from "./traits.ts";

// pkg/apis/core/validation/validation.go ValidateServiceClusterIPsRelatedFields, validateUpgradeDowngradeClusterIPs;
// pkg/registry/core/service/storage/alloc.go initIPFamilyFields

const ipFamilies = ["IPv4", "IPv6"];
const ipFamilyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
/** The family of podbus' pod network. */
const clusterFamily = "IPv4";

const ips = "spec.clusterIPs";
const families = "spec.ipFamilies";
const policy = "spec.ipFamilyPolicy";

function validateFirst({ clusterIP = "", clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (clusterIP === "") {
    return clusterIPs.length === 0 ? [] : [invalid(ips, clusterIPs, "must be empty when `clusterIP` is not specified")];
  }
  if (clusterIPs.length === 0) return [required(ips)];
  return clusterIPs[0] === clusterIP ? [] : [invalid(ips, clusterIPs, "first value must match `clusterIP`")];
}

function validateFamilies(named: readonly string[]): FieldError[] {
  return named.flatMap((family, index) => [
    ...(ipFamilies.includes(family) ? [] : [notSupported(`${families}[${index}]`, family, ipFamilies)]),
    ...(named.indexOf(family) < index ? [duplicate(`${families}[${index}]`, family)] : []),
  ]);
}

function validateForm(clusterIPs: readonly string[]): FieldError[] {
  return clusterIPs.flatMap((address, index) => {
    if (index > 0 || address !== noClusterIp) {
      return ipProblems(address).map((problem) => invalid(`${ips}[${index}]`, address, problem));
    }
    return clusterIPs.length > 1 ? [invalid(ips, clusterIPs, "'None' must be the first and only value")] : [];
  });
}

/** Each address against the family that stands at its place. */
function validateMatch({ clusterIPs = [], ipFamilies: named = [] }: ServiceSpec): FieldError[] {
  return clusterIPs.flatMap((address, index) => {
    const family = named[index];
    if (family === undefined || !ipFamilies.includes(family) || familyOf(address) === family) return [];
    const problem = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    return [invalid(`${ips}[${index}]`, address, problem)];
  });
}

/** Whether the cluster can have it, once it is well formed. */
function validateAgainstCluster(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies: named = [], ipFamilyPolicy, selector = {} } = spec;
  if (ipFamilyPolicy === "SingleStack") {
    const many = (what: string) =>
      invalid(
        policy,
        ipFamilyPolicy,
        `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
      );
    const errors = [
      ...(clusterIPs.length === 2 ? [many("cluster IPs")] : []),
      ...(named.length === 2 ? [many("IP families")] : []),
    ];
    if (errors.length > 0) return errors;
  }
  if (isHeadless(spec) && Object.keys(selector).length === 0) return [];
  return [
    ...(ipFamilyPolicy === "RequireDualStack"
      ? [invalid(policy, ipFamilyPolicy, "this cluster is not configured for dual-stack services")]
      : []),
    ...named.flatMap((family, index) =>
      family === clusterFamily ? [] : [invalid(`${families}[${index}]`, family, "not configured on this cluster")],
    ),
  ];
}

export function validateAddresses(spec: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const { clusterIPs = [], ipFamilies: named = [], ipFamilyPolicy } = spec;
  const form = validateForm(clusterIPs);
  const errors = [
    ...validateFirst(spec),
    ...validateFamilies(named),
    ...(ipFamilyPolicy === undefined || ipFamilyPolicies.includes(ipFamilyPolicy)
      ? []
      : [notSupported(policy, ipFamilyPolicy, ipFamilyPolicies)]),
    ...form,
    ...(clusterIPs.length > 2 ? [invalid(ips, clusterIPs, "may only hold up to 2 values")] : []),
  ];
  if (form.length > 0) return errors;
  const sameFamily = clusterIPs.length > 1 && new Set(clusterIPs.map(familyOf)).size < clusterIPs.length;
  if (sameFamily) errors.push(invalid(ips, clusterIPs, "may specify no more than one IP for each IP family"));
  if (!isHeadless(spec)) errors.push(...validateMatch(spec));
  return errors.length > 0 ? errors : validateAgainstCluster(spec);
}

function validateClusterIpsUpdate(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  if (isHeadless(next) && isHeadless(previous)) return [];
  const after = next.clusterIPs ?? [];
  const before = previous.clusterIPs ?? [];
  const changed = (index: number) => invalid(`${ips}[${index}]`, after, "may not change once set");
  if (after.length === before.length) {
    return before.flatMap((address, index) => (address === after[index] ? [] : [changed(index)]));
  }
  const errors: FieldError[] = [];
  if (after.length === 0) errors.push(invalid(`${ips}[0]`, after, "primary clusterIP can not be unset"));
  else if (before.length > 0 && after[0] !== before[0]) errors.push(changed(0));
  if (after.length === 1 && before.length > 1 && next.ipFamilyPolicy !== "SingleStack") {
    const problem = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalid(policy, next.ipFamilyPolicy, problem));
  }
  return errors;
}

function validateFamiliesUpdate(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  if (isHeadless(next) || isHeadless(previous)) return [];
  const after = next.ipFamilies ?? [];
  const before = previous.ipFamilies ?? [];
  const changed = () => invalid(`${families}[0]`, after, "may not change once set");
  if (after.length === before.length) {
    return before.flatMap((family, index) => (family === after[index] ? [] : [changed()]));
  }
  const errors = before.length > 0 && after.length > 0 && after[0] !== before[0] ? [changed()] : [];
  if (after.length === 1 && before.length > 1 && next.ipFamilyPolicy !== "SingleStack") {
    const problem = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    errors.push(invalid(policy, next.ipFamilyPolicy, problem));
  }
  return errors;
}

export function validateAddressesUpdate({ spec: next }: Service, { spec: previous }: Service): FieldError[] {
  if (next.type === "ExternalName" || previous.type === "ExternalName") return [];
  return [...validateClusterIpsUpdate(next, previous), ...validateFamiliesUpdate(next, previous)];
}
