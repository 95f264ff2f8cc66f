import type { Pod } from "@podbus/kube";

export interface NodeDirectories {
  /** On disk: survives a reboot. */
  readonly stateDir: string;
  /** On a tmpfs: Secrets and ConfigMaps never reach a disk. */
  readonly runDir: string;
}

type PodIdentity = Pick<Pod, "metadata">;

export interface MountPlace {
  readonly volume: string;
  readonly container: string;
  /** Which of the container's mounts. */
  readonly index: number;
}

export const hookNames = ["postStart", "preStop"] as const;
export type HookName = (typeof hookNames)[number];

export interface HookPlace {
  readonly container: string;
  readonly attempt: number;
  readonly hook: HookName;
}

/** Where everything of a pod is kept; the layout of the logs is the kubelet's. */
export const podPaths = {
  /** Private files: volumes, hosts file, termination messages. */
  allStates: ({ stateDir }: NodeDirectories) => `${stateDir}/pods`,
  state: (node: NodeDirectories, { metadata }: PodIdentity) => `${podPaths.allStates(node)}/${metadata.uid}`,
  /** Nobody else may look: files of Secrets have the modes that their pods ask for. */
  allRuns: ({ runDir }: NodeDirectories) => `${runDir}/pods`,
  run: (node: NodeDirectories, { metadata }: PodIdentity) => `${podPaths.allRuns(node)}/${metadata.uid}`,
  logs: ({ stateDir }: NodeDirectories, { metadata }: PodIdentity) =>
    `${stateDir}/logs/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}`,
  /** Below the log directory. */
  log: (container: string, attempt: number) => `${container}/${attempt}.log`,
  emptyDir: (node: NodeDirectories, pod: PodIdentity, volume: string) =>
    `${podPaths.state(node, pod)}/volumes/kubernetes.io~empty-dir/${volume}`,
  projected: (node: NodeDirectories, pod: PodIdentity, volume: string) =>
    `${podPaths.run(node, pod)}/volumes/${volume}`,
  /** Where a part of a volume is mounted for a container; the kubelet's layout. */
  subPath: (node: NodeDirectories, pod: PodIdentity, { volume, container, index }: MountPlace) =>
    `${podPaths.state(node, pod)}/volume-subpaths/${volume}/${container}/${index}`,
  hosts: (node: NodeDirectories, pod: PodIdentity) => `${podPaths.state(node, pod)}/etc-hosts`,
  /** Which ids its users have. */
  users: (node: NodeDirectories, pod: PodIdentity) => `${podPaths.state(node, pod)}/userns`,
  terminationMessage: (node: NodeDirectories, pod: PodIdentity, container: string, attempt: number) =>
    `${podPaths.state(node, pod)}/containers/${container}/${attempt}`,
  /** What came of a hook of one run. */
  hookEnd: (node: NodeDirectories, pod: PodIdentity, { container, attempt, hook }: HookPlace) =>
    `${podPaths.state(node, pod)}/hooks/${container}/${attempt}.${hook}`,
} as const;
