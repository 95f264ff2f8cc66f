import type { Tracer } from "@opentelemetry/api";
import type { Client } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { HookRunner, ImagePuller, NodeApi, ProbeRunner } from "@podbus/contracts";
import type { Cri } from "@podbus/cri";
import type { Pod } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import type { KnownServices } from "./adapters/known-services.ts";
import type { RuntimeWatch } from "./adapters/runtime-watch.ts";
import type { ClusterDns } from "./domain/pod-dns.ts";
import type { HookName, MountPlace, NodeDirectories } from "./domain/pod-paths.ts";
import type { IdRange } from "./domain/user-namespace.ts";

/** What the steps of a pod's life work with. */
export interface NodeServices {
  readonly node: NodeFacts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly cri: Cri;
  readonly runtime: RuntimeWatch;
  readonly images: Client<typeof ImagePuller>;
  readonly hooks: Client<typeof HookRunner>;
  readonly probes: Client<typeof ProbeRunner>;
  readonly api: Client<typeof NodeApi>;
  readonly knownServices: Pick<KnownServices, "of">;
  readonly events: PodEvents & NodeEvents;
  readonly volumes: PodVolumes;
  readonly users: PodUsers;
  readonly files: PodFiles;
  readonly hookJournal: HookJournal;
  readonly cgroups: PodCgroups;
}

export interface NodeFacts {
  readonly name: string;
  readonly hostIps: readonly string[];
  readonly directories: NodeDirectories;
  /** "/kubepods". */
  readonly cgroupRoot: string;
  readonly seccompDir: string;
  readonly dns: { readonly cluster: ClusterDns; readonly resolvConf: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Sysctls that pods may set beyond the safe ones. */
  readonly allowedSysctls: readonly string[];
  readonly appArmor: boolean;
  readonly memoryCapacityBytes: number;
  /** Where pods reach the API server, if that is known. */
  readonly apiAddress: { readonly host: string; readonly port: number } | undefined;
}

export interface PodEvents {
  /** `container`: names the part of the pod that it is about. Never fails, never waits. */
  record(pod: Pod, event: PodEvent): void;
}

export interface NodeEvents {
  /** About the node itself. Never fails, never waits. */
  recordOfNode(event: Omit<PodEvent, "container">): void;
}

export interface PodEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly container?: string;
}

export interface MachineShutdown {
  /** Holds the machine up, and tells when it is about to go down (true) or stays after all (false). */
  watch(signal: AbortSignal): AsyncIterable<boolean>;
  /** Lets the machine go down. */
  release(): void;
}

export interface PodVolumes {
  /** Makes every volume of the pod; safe to repeat. Fails with a PodbusError of reason FailedMount. */
  ensure(pod: Pod, signal: AbortSignal): Promise<void>;
  /** Brings what comes from the API up to date, each volume in one step; safe to repeat. Fails as `ensure` does. */
  refresh(pod: Pod, signal: AbortSignal): Promise<void>;
  /** Mounts what is at `subPath` of a volume, and never anything outside of it; answers where. */
  mountSubPath(pod: Pod, place: MountPlace, subPath: string): Promise<string>;
  /** Host path of each volume. */
  paths(pod: Pod): ReadonlyMap<string, string>;
  remove(pod: Pod): Promise<void>;
}

export interface PodUsers {
  /** The ids of a pod with users of its own, the same each time; undefined for one that has the host's. */
  ensure(pod: Pod): Promise<IdRange | undefined>;
  /** The pod's files are gone. */
  release(pod: Pod): Promise<void>;
}

export interface PodFiles {
  ensureLogDirectory(pod: Pod): Promise<string>;
  ensureContainerFiles(pod: Pod, container: string, attempt: number): Promise<string>;
  /** The hosts file's path; undefined where the pod uses the node's. */
  ensureHosts(pod: Pod, podIps: readonly string[]): Promise<string | undefined>;
  removeRun(pod: Pod, container: string, attempt: number): Promise<void>;
  removeAll(pod: Pod): Promise<void>;
}

export interface HookEnd {
  readonly succeeded: boolean;
  /** Why it failed. */
  readonly message: string;
}

/** One run of a container. */
export interface HookedRun {
  readonly container: string;
  readonly attempt: number;
  readonly id: string;
}

export interface HookJournal {
  /** What came of a hook that has ended, in this process or an earlier one. */
  endOf(pod: Pod, run: HookedRun, hook: HookName): Promise<HookEnd | undefined>;
  keepEnd(pod: Pod, run: HookedRun, hook: HookName, end: HookEnd): Promise<void>;
}

export interface PodCgroups {
  /** Whether this machine has version 2. */
  readonly unified: boolean;
  /** Limits all pods together. Fails where this machine does not let us. */
  enforce(allocatable: Readonly<Record<string, string>>): Promise<void>;
  /** The classes of pods share the processors by what these pods, all that run here, ask for; where this machine lets us. */
  weigh(pods: readonly Pod[]): Promise<void>;
  /** Makes the pod's cgroup with its limits, where this machine lets us; answers its path for the runtime. */
  ensure(pod: Pod): Promise<string>;
  remove(pod: Pod): Promise<void>;
}
