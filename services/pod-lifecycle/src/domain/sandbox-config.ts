import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type LinuxSandboxSecurityContextSchema,
  NamespaceMode,
  type NamespaceOptionSchema,
  type PodSandboxConfigSchema,
  Protocol,
  SecurityProfile_ProfileType,
  type SecurityProfileSchema,
  SupplementalGroupsPolicy,
} from "@podbus/contracts/cri";
import type { Container, Pod, PodSecurityContext } from "@podbus/kube";
import { containerLimits, podLimits, runtimeResources } from "./linux-resources.ts";
import type { ResolverSettings } from "./pod-dns.ts";
import { kernelHostname } from "./pod-hostname.ts";
import { podLabels, sandboxAnnotations } from "./runtime-labels.ts";
import { dottedSysctl } from "./sysctls.ts";
import { type IdRange, idsPerPod } from "./user-namespace.ts";

export interface SandboxFacts {
  readonly nodeName: string;
  readonly attempt: number;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  /** Profiles of type Localhost are below this directory. */
  readonly seccompDir: string;
  /** What its containers find in resolv.conf. */
  readonly dns: ResolverSettings;
  /** "cluster.local". */
  readonly clusterDomain: string;
  /** Undefined: the host's. */
  readonly users: IdRange | undefined;
}

export type SandboxConfig = MessageInitShape<typeof PodSandboxConfigSchema>;

/** kubelet: generatePodSandboxConfig (pkg/kubelet/kuberuntime/kuberuntime_sandbox.go). */
export function sandboxConfig(pod: Pod, facts: SandboxFacts): SandboxConfig {
  const { metadata } = pod;
  return {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? "",
      uid: metadata.uid ?? "",
      attempt: facts.attempt,
    },
    hostname: pod.spec.hostNetwork ? "" : kernelHostname(pod, facts.clusterDomain),
    logDirectory: facts.logDirectory,
    dnsConfig: { servers: [...facts.dns.servers], searches: [...facts.dns.searches], options: [...facts.dns.options] },
    portMappings: pod.spec.containers.flatMap(portMappings),
    labels: { ...metadata.labels, ...podLabels(pod, facts.nodeName) },
    annotations: sandboxAnnotations(pod),
    linux: {
      cgroupParent: facts.cgroupParent,
      securityContext: sandboxSecurity(pod, facts),
      sysctls: Object.fromEntries(
        (pod.spec.securityContext?.sysctls ?? []).map((s) => [dottedSysctl(s.name), s.value]),
      ),
      ...sandboxResources(pod),
    },
  };
}

/** For runtimes that make a machine of the sandbox. kubelet: applySandboxResources. */
function sandboxResources({ spec: { overhead, ...spec }, ...pod }: Pod) {
  const resources = runtimeResources(podLimits({ ...pod, spec }));
  if (!overhead) return { resources };
  return {
    resources,
    overhead: runtimeResources(containerLimits({ resources: { requests: overhead, limits: overhead } })),
  };
}

function portMappings(container: Container) {
  return (container.ports ?? [])
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({
      protocol: port.protocol === "UDP" ? Protocol.UDP : port.protocol === "SCTP" ? Protocol.SCTP : Protocol.TCP,
      containerPort: port.containerPort,
      hostPort: port.hostPort ?? 0,
      hostIp: port.hostIP ?? "",
    }));
}

function sandboxSecurity(pod: Pod, facts: SandboxFacts): MessageInitShape<typeof LinuxSandboxSecurityContextSchema> {
  const own = pod.spec.securityContext ?? {};
  return {
    namespaceOptions: namespaceOptions(pod, facts.users),
    ...(own.runAsUser === undefined ? {} : { runAsUser: { value: BigInt(own.runAsUser) } }),
    ...(own.runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(own.runAsGroup) } }),
    supplementalGroups: supplementalGroups(pod),
    privileged: everyContainer(pod).some((c) => c.securityContext?.privileged),
    supplementalGroupsPolicy: groupsPolicy(pod),
    seccomp: seccompProfile(own.seccompProfile ?? { type: "RuntimeDefault" }, facts.seccompDir),
    ...(own.seLinuxOptions ? { selinuxOptions: seLinux(own.seLinuxOptions) } : {}),
  };
}

const everyContainer = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
];

export function namespaceOptions(pod: Pod, users: IdRange | undefined): MessageInitShape<typeof NamespaceOptionSchema> {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  return {
    network: hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD,
    ipc: hostIPC ? NamespaceMode.NODE : NamespaceMode.POD,
    pid: hostPID ? NamespaceMode.NODE : shareProcessNamespace ? NamespaceMode.POD : NamespaceMode.CONTAINER,
    ...(users
      ? { usernsOptions: { mode: NamespaceMode.POD, uids: [idMapping(users)], gids: [idMapping(users)] } }
      : {}),
  };
}

const idMapping = ({ hostId }: IdRange) => ({ hostId, containerId: 0, length: idsPerPod });

export function supplementalGroups(pod: Pod): bigint[] {
  const { supplementalGroups = [], fsGroup } = pod.spec.securityContext ?? {};
  return [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].map(BigInt);
}

/** Whether groups that the image gives the user count too. */
export function groupsPolicy({ spec }: Pod): SupplementalGroupsPolicy {
  const strict = spec.securityContext?.supplementalGroupsPolicy === "Strict";
  return strict ? SupplementalGroupsPolicy.Strict : SupplementalGroupsPolicy.Merge;
}

export function seccompProfile(
  profile: { readonly type: string; readonly localhostProfile?: string | undefined },
  seccompDir: string,
): MessageInitShape<typeof SecurityProfileSchema> {
  if (profile.type === "RuntimeDefault") return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
  if (profile.type !== "Localhost") return { profileType: SecurityProfile_ProfileType.Unconfined };
  const localhostRef = `${seccompDir}/${profile.localhostProfile ?? ""}`;
  return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef };
}

export function seLinux(options: NonNullable<PodSecurityContext["seLinuxOptions"]>) {
  const { user = "", role = "", type = "", level = "" } = options;
  return { user, role, type, level };
}
