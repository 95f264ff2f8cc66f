import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../validation/field-error.ts";
import { localPathProblems } from "../../validation/formats.ts";
import type { SecurityContext } from "./container-schema.ts";
import type { PodSpec } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateSecurityContext, ValidatePodSecurityContext

const largestId = 2 ** 31 - 1;

function validateId(id: number | undefined, field: string): FieldError[] {
  if (id === undefined || (id >= 0 && id <= largestId)) return [];
  return [invalid(field, id, `must be between 0 and ${largestId}, inclusive`)];
}

/** Of seccomp and AppArmor. */
const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];

function validateSeccomp(profile: SecurityContext["seccompProfile"], field: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  if (type === "") return [required(`${field}.type`)];
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)];
  if (type !== "Localhost") {
    const problem = "can only be set when seccomp type is Localhost";
    return localhostProfile === undefined ? [] : [invalid(`${field}.localhostProfile`, localhostProfile, problem)];
  }
  if (localhostProfile === undefined)
    return [required(`${field}.localhostProfile`, "must be set when seccomp type is Localhost")];
  return localPathProblems(localhostProfile).map((problem) =>
    invalid(`${field}.localhostProfile`, localhostProfile, problem),
  );
}

/** pkg/apis/core/validation/validation.go ValidateAppArmorProfileField. */
function validateAppArmor(profile: SecurityContext["appArmorProfile"], field: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const at = `${field}.localhostProfile`;
  if (type === "") return [required(`${field}.type`, "type is required when appArmorProfile is set")];
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)];
  if (type !== "Localhost") {
    const problem = "can only be set when AppArmor type is Localhost";
    return localhostProfile === undefined ? [] : [invalid(at, localhostProfile, problem)];
  }
  const name = localhostProfile?.trim() ?? "";
  if (name === "") return [required(at, "must be set when AppArmor type is Localhost")];
  if (name !== localhostProfile) return [invalid(at, localhostProfile, "must not be padded with whitespace")];
  return name.length > 4095 ? [tooLong(at, 4095)] : [];
}

const procMounts = ["Default", "Unmasked"];

export function validateSecurityContext(context: SecurityContext | undefined, field: string): FieldError[] {
  if (context === undefined) return [];
  const errors = [
    ...validateId(context.runAsUser, `${field}.runAsUser`),
    ...validateId(context.runAsGroup, `${field}.runAsGroup`),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
  ];
  if (context.procMount !== undefined && !procMounts.includes(context.procMount)) {
    errors.push(notSupported(`${field}.procMount`, context.procMount, procMounts));
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) {
      errors.push(invalid(field, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
    }
    if (context.capabilities?.add?.some((name) => name === "CAP_SYS_ADMIN") === true) {
      errors.push(
        invalid(field, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
      );
    }
  }
  return errors;
}

const sysctlPattern = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlRegex = new RegExp(`^${sysctlPattern}$`);

function validateSysctls(spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>();
  return (spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
    const at = `${field}[${index}].name`;
    const again = seen.has(name);
    seen.add(name);
    if (name === "") return [required(at)];
    if (name.length > 253 || !sysctlRegex.test(name)) {
      return [invalid(at, name, `must have at most 253 characters and match regex ^${sysctlPattern}$`)];
    }
    return again ? [duplicate(at, name)] : [];
  });
}

const volumesOfOwnUsers = ["configMap", "secret", "projected", "downwardAPI", "emptyDir"] as const;

/**
 * A pod with its own users has none of the host's namespaces, and no volumes whose files belong to others. Kubernetes 1.25 and
 * 1.26, validation.go validateHostUsers; later releases allow other volumes, with runtimes that map the ids of mounts.
 */
function validateHostUsers(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name] === true);
  const foreign = (spec.volumes ?? []).flatMap((volume, index) =>
    volumesOfOwnUsers.some((source) => volume[source] !== undefined) ? [] : [`${field}.volumes[${index}]`],
  );
  return [
    ...foreign.map((at) => forbidden(at, "volume type not supported when `pod.Spec.HostUsers` is false")),
    ...shared.map((name) => forbidden(`${field}.${name}`, "when `pod.Spec.HostUsers` is false")),
  ];
}

/** The security contexts of the pod's containers, each with its field. */
function containerContexts(spec: PodSpec, field: string): readonly (readonly [SecurityContext, string])[] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ securityContext }, index) =>
      securityContext ? [[securityContext, `${field}.${list}[${index}].securityContext`] as const] : [],
    ),
  );
}

/** Who sees all of /proc could change the machine, unless it is nobody there. */
function validateProcMounts(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers === false) return [];
  return containerContexts(spec, field)
    .filter(([{ procMount }]) => procMount === "Unmasked")
    .map(([{ procMount }, at]) => invalid(`${at}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`"));
}

/** pkg/apis/core/validation/validation.go validateLinux. */
function validateLinux(spec: PodSpec, field: string): FieldError[] {
  if (spec.os?.name !== "linux") return [];
  const shared = spec.securityContext ? [[spec.securityContext, `${field}.securityContext`] as const] : [];
  return [...shared, ...containerContexts(spec, field)]
    .filter(([{ windowsOptions }]) => windowsOptions !== undefined)
    .map(([, at]) => forbidden(`${at}.windowsOptions`, "windows options cannot be set for a linux pod"));
}

function validatePolicy(policy: string | undefined, policies: readonly string[], field: string): FieldError[] {
  return policy === undefined || policies.includes(policy) ? [] : [notSupported(field, policy, policies)];
}

export function validatePodSecurity(spec: PodSpec, field: string): FieldError[] {
  const context = spec.securityContext;
  const at = `${field}.securityContext`;
  const errors = [
    ...validateHostUsers(spec, field),
    ...validateProcMounts(spec, field),
    ...validateLinux(spec, field),
    ...validateId(context?.fsGroup, `${at}.fsGroup`),
    ...validateId(context?.runAsUser, `${at}.runAsUser`),
    ...validateId(context?.runAsGroup, `${at}.runAsGroup`),
    ...(context?.supplementalGroups ?? []).flatMap((id, index) => validateId(id, `${at}.supplementalGroups[${index}]`)),
    ...validateSysctls(spec, `${at}.sysctls`),
    ...validateSeccomp(context?.seccompProfile, `${at}.seccompProfile`),
    ...validateAppArmor(context?.appArmorProfile, `${at}.appArmorProfile`),
    ...validatePolicy(context?.supplementalGroupsPolicy, ["Merge", "Strict"], `${at}.supplementalGroupsPolicy`),
    ...validatePolicy(context?.fsGroupChangePolicy, ["Always", "OnRootMismatch"], `${at}.fsGroupChangePolicy`),
    ...validatePolicy(context?.seLinuxChangePolicy, ["MountOption", "Recursive"], `${at}.seLinuxChangePolicy`),
  ];
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(
      invalid(`${field}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"),
    );
  }
  return errors;
}
