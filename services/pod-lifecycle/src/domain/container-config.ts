import type { MessageInitShape } from "@bufbuild/protobuf";
import { type ContainerConfigSchema, MountPropagation, type MountSchema } from "@podbus/contracts/cri";
import type { Container, Pod, VolumeMount } from "@podbus/kube";
import { ContainerConfigError } from "./container-env.ts";
import { containerSecurity, type SecurityFacts } from "./container-security.ts";
import { expandVariables } from "./expand-variables.ts";
import { containerLimits, hugePageLimits, oomScoreAdj, runtimeResources } from "./linux-resources.ts";
import { podPaths } from "./pod-paths.ts";
import { containerAnnotations, podLabels, type RunDetails, runtimeLabels } from "./runtime-labels.ts";

export interface ContainerFacts extends RunDetails, SecurityFacts {
  readonly nodeName: string;
  readonly imageRef: string;
  readonly env: ReadonlyMap<string, string>;
  /** Host path of each volume. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Host paths of mounts that show only a part of their volume, by the path in the container. */
  readonly subPaths: ReadonlyMap<string, string>;
  /** Undefined on the host's network. */
  readonly hostsFile: string | undefined;
  readonly terminationMessageFile: string;
  readonly memoryCapacityBytes: number;
  /** The sizes that the node has: "hugepages-2Mi". */
  readonly hugePages: readonly string[];
  /** Whether cgroups are of version 2. */
  readonly unifiedCgroups: boolean;
  readonly runtimeHandler: string;
  /** Whether the runtime can make all mounts below a read-only one read-only too. */
  readonly recursiveReadOnly: boolean;
}

export type ContainerConfig = MessageInitShape<typeof ContainerConfigSchema>;
export type MountConfig = MessageInitShape<typeof MountSchema>;

/** kubelet: generateContainerConfig (pkg/kubelet/kuberuntime/kuberuntime_container.go). */
export function containerConfig(pod: Pod, container: Container, facts: ContainerFacts): ContainerConfig {
  const expand = (text: string) => expandVariables(text, facts.env);
  return {
    metadata: { name: container.name, attempt: facts.attempt },
    image: { image: facts.imageRef, userSpecifiedImage: container.image ?? "", runtimeHandler: facts.runtimeHandler },
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? "",
    envs: [...facts.env].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: containerMounts(container, facts),
    labels: { ...podLabels(pod, facts.nodeName), [runtimeLabels.containerName]: container.name },
    annotations: containerAnnotations(pod, container, facts),
    logPath: podPaths.log(container.name, facts.attempt),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: {
        ...runtimeResources(containerLimits(container)),
        hugepageLimits: hugePageLimits(container, facts.hugePages),
        // All of a container goes when its memory is out. kubelet: singleProcessOOMKill.
        unified: facts.unifiedCgroups ? { "memory.oom.group": "1" } : {},
        oomScoreAdj: BigInt(oomScoreAdj(pod, container, facts.memoryCapacityBytes)),
      },
      securityContext: containerSecurity(pod, container, facts),
    },
  };
}

function containerMounts(container: Container, facts: ContainerFacts): MountConfig[] {
  const mounts = (container.volumeMounts ?? []).map((mount) => volumeMount(mount, facts));
  const taken = new Set(mounts.map((m) => m.containerPath));
  const terminationPath = container.terminationMessagePath;
  if (facts.hostsFile && !taken.has("/etc/hosts"))
    mounts.push({ containerPath: "/etc/hosts", hostPath: facts.hostsFile });
  if (terminationPath) mounts.push({ containerPath: terminationPath, hostPath: facts.terminationMessageFile });
  return mounts;
}

const propagations: Readonly<Record<string, MountPropagation>> = {
  HostToContainer: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
  Bidirectional: MountPropagation.PROPAGATION_BIDIRECTIONAL,
};

function volumeMount(mount: VolumeMount, facts: ContainerFacts): MountConfig {
  const root = facts.volumes.get(mount.name);
  if (root === undefined) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container`);
  return {
    containerPath: absolute(mount.mountPath),
    hostPath: facts.subPaths.get(mount.mountPath) ?? root,
    readonly: mount.readOnly ?? false,
    recursiveReadOnly: isRecursivelyReadOnly(mount, facts.recursiveReadOnly),
    propagation: propagations[mount.mountPropagation ?? ""] ?? MountPropagation.PROPAGATION_PRIVATE,
  };
}

/** kubelet: resolveRecursiveReadOnly (pkg/kubelet/kubelet_pods.go). */
function isRecursivelyReadOnly({ name, recursiveReadOnly: mode }: VolumeMount, can: boolean): boolean {
  if (mode === "Enabled" && !can) {
    const problem = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`;
    throw new ContainerConfigError(`failed to resolve recursive read-only mode: ${problem}`);
  }
  return can && asksForRecursion({ recursiveReadOnly: mode });
}

export function asksForRecursion({ recursiveReadOnly: mode }: Pick<VolumeMount, "recursiveReadOnly">): boolean {
  return mode === "Enabled" || mode === "IfPossible";
}

const absolute = (path: string): string => (path.startsWith("/") ? path : `/${path}`);
