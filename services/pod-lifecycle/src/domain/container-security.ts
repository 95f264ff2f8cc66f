import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type LinuxContainerSecurityContextSchema,
  NamespaceMode,
  SecurityProfile_ProfileType as ProfileType,
  type SecurityProfileSchema,
} from "@podbus/contracts/cri";
import type { Container, Pod, SecurityContext } from "@podbus/kube";
import { groupsPolicy, namespaceOptions, seccompProfile, seLinux, supplementalGroups } from "./sandbox-config.ts";
import type { IdRange } from "./user-namespace.ts";

export interface SecurityFacts {
  /** Profiles of type Localhost are below this directory. */
  readonly seccompDir: string;
  /** The ids of a pod with users of its own; undefined: the host's. */
  readonly users: IdRange | undefined;
  /** The container whose processes an ephemeral one sees; undefined for none. */
  readonly targetId?: string | undefined;
  /** Known where `needsImageUser`. */
  readonly imageUser?: ImageUser | undefined;
}

/** Who the image says its process is: a number, a name, or nothing for root. */
export interface ImageUser {
  readonly uid: bigint | undefined;
  readonly username: string;
}

/** kubelet: determineEffectiveSecurityContext (pkg/kubelet/kuberuntime/security_context.go). */
export function containerSecurity(
  pod: Pod,
  container: Container,
  { seccompDir, targetId, users, imageUser }: SecurityFacts,
): MessageInitShape<typeof LinuxContainerSecurityContextSchema> {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const group = groupOf(pod, container);
  const selinux = own.seLinuxOptions ?? shared.seLinuxOptions;
  const privileged = own.privileged ?? false;
  return {
    privileged,
    capabilities: {
      addCapabilities: (own.capabilities?.add ?? []).map(capability),
      dropCapabilities: (own.capabilities?.drop ?? []).map(capability),
    },
    namespaceOptions: targetId
      ? { ...namespaceOptions(pod, users), pid: NamespaceMode.TARGET, targetId }
      : namespaceOptions(pod, users),
    ...runAs(userOf(pod, container), imageUser),
    ...(group === undefined ? {} : { runAsGroup: { value: BigInt(group) } }),
    ...(selinux ? { selinuxOptions: seLinux(selinux) } : {}),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: groupsPolicy(pod),
    // Kubernetes: AddNoNewPrivileges (pkg/securitycontext/util.go).
    noNewPrivs: own.allowPrivilegeEscalation === false,
    ...procPaths(own.procMount),
    ...appArmor(own.appArmorProfile ?? shared.appArmorProfile),
    seccomp: seccompProfile(own.seccompProfile ?? shared.seccompProfile ?? { type: "Unconfined" }, seccompDir),
  };
}

/** What says more of the machine than a container should know. Kubernetes: pkg/securitycontext/util.go. */
const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** The runtime hides nothing by itself. In a privileged container it ignores these lists. */
const procPaths = (procMount: SecurityContext["procMount"]) =>
  procMount === "Unmasked" ? {} : { maskedPaths, readonlyPaths };

/** Without one the runtime takes its default where the kernel has AppArmor. */
function appArmor(profile: SecurityContext["appArmorProfile"]): {
  apparmor?: MessageInitShape<typeof SecurityProfileSchema>;
} {
  if (!profile) return {};
  if (profile.type === "Localhost") {
    return { apparmor: { profileType: ProfileType.Localhost, localhostRef: profile.localhostProfile ?? "" } };
  }
  const profileType = profile.type === "Unconfined" ? ProfileType.Unconfined : ProfileType.RuntimeDefault;
  return { apparmor: { profileType } };
}

const userOf = (pod: Pod, { securityContext }: Container): number | undefined =>
  securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
const groupOf = (pod: Pod, { securityContext }: Container): number | undefined =>
  securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
const mustNotBeRoot = (pod: Pod, { securityContext }: Container): boolean =>
  (securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot) === true;

/** The kernel's name without its "CAP_", as runtimes want it. */
const capability = (name: string): string => name.toUpperCase().replace(/^CAP_/, "");

/** Whether the image must be asked for its user: runtimes take no group without a user. */
export function needsImageUser(pod: Pod, container: Container): boolean {
  if (userOf(pod, container) !== undefined) return false;
  return mustNotBeRoot(pod, container) || groupOf(pod, container) !== undefined;
}

/** kubelet: getImageUser (pkg/kubelet/kuberuntime/helpers.go). */
function runAs(user: number | undefined, image: ImageUser | undefined) {
  if (user !== undefined) return { runAsUser: { value: BigInt(user) } };
  if (!image) return {};
  if (image.uid === undefined && image.username !== "") return { runAsUsername: image.username };
  return { runAsUser: { value: image.uid ?? 0n } };
}

/**
 * Undefined if the container may run as who it is. `image`: known where `needsImageUser`.
 * kubelet: verifyRunAsNonRoot (pkg/kubelet/kuberuntime/security_context.go).
 */
export function rootRefusal(pod: Pod, container: Container, image: ImageUser | undefined): string | undefined {
  if (!mustNotBeRoot(pod, container)) return undefined;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  const user = userOf(pod, container);
  if (user !== undefined) {
    return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  }
  const { uid, username } = image ?? { uid: undefined, username: "" };
  if (uid !== undefined ? uid === 0n : username === "") {
    return `container has runAsNonRoot and image will run as root ${where}`;
  }
  if (uid !== undefined) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${username}), cannot verify user is non-root ${where}`;
}
