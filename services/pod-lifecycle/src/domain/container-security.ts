import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type LinuxContainerSecurityContextSchema,
  NamespaceMode,
  SecurityProfile_ProfileType as ProfileType,
  type SecurityProfileSchema,
} from "@podbus/contracts/cri";
import type { Container, Pod, SecurityContext } from "@podbus/kube";
import { namespaceOptions, seccompProfile, seLinux, supplementalGroups } from "./sandbox-config.ts";
import type { IdRange } from "./user-namespace.ts";

export interface SecurityFacts {
  /** Profiles of type Localhost are below this directory. */
  readonly seccompDir: string;
  /** The ids of a pod with users of its own; undefined: the host's. */
  readonly users: IdRange | undefined;
  /** The container whose processes an ephemeral one sees; undefined for none. */
  readonly targetId?: string | undefined;
}

/** kubelet: determineEffectiveSecurityContext (pkg/kubelet/kuberuntime/security_context.go). */
export function containerSecurity(
  pod: Pod,
  container: Container,
  { seccompDir, targetId, users }: SecurityFacts,
): MessageInitShape<typeof LinuxContainerSecurityContextSchema> {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const user = own.runAsUser ?? shared.runAsUser;
  const group = own.runAsGroup ?? shared.runAsGroup;
  const selinux = own.seLinuxOptions ?? shared.seLinuxOptions;
  const privileged = own.privileged ?? false;
  return {
    privileged,
    capabilities: { addCapabilities: own.capabilities?.add ?? [], dropCapabilities: own.capabilities?.drop ?? [] },
    namespaceOptions: targetId
      ? { ...namespaceOptions(pod, users), pid: NamespaceMode.TARGET, targetId }
      : namespaceOptions(pod, users),
    ...(user === undefined ? {} : { runAsUser: { value: BigInt(user) } }),
    ...(group === undefined ? {} : { runAsGroup: { value: BigInt(group) } }),
    ...(selinux ? { selinuxOptions: seLinux(selinux) } : {}),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    supplementalGroups: supplementalGroups(pod),
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

/** Whether only the image can tell if the container would run as root. */
export function mustCheckImageUser(pod: Pod, container: Container): boolean {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  return nonRoot === true;
}

/** kubelet: verifyRunAsNonRoot (pkg/kubelet/kuberuntime/security_context.go). Undefined if the container may run. */
export function rootRefusal(
  pod: Pod,
  container: Container,
  image: { readonly uid: bigint | undefined; readonly username: string },
): string | undefined {
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (user !== undefined) {
    return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  }
  if (image.uid !== undefined) {
    return image.uid === 0n ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
  }
  if (image.username === "") return `container has runAsNonRoot and image will run as root ${where}`;
  return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`;
}
