import type { DescService } from "@bufbuild/protobuf";
import type { Target } from "@podbus/bus";
import {
  Admission,
  Eviction,
  HookRunner,
  ImagePuller,
  NodeApi,
  PodApi,
  PodLifecycle,
  ProbeMonitor,
  ProbeRunner,
  PullMonitor,
  TraceExplorer,
} from "@podbus/contracts";

export interface ContractUse {
  readonly service: DescService;
  readonly target: Target;
}

/** Who may connect to the bus, and what for. NATS permissions follow from this table and nothing else. */
export interface BusIdentity {
  /** The service's name; with `node` it also names the seed file and the inbox. */
  readonly name: string;
  /** The node it lives on; "" for a service of the cluster. */
  readonly node: string;
  readonly serves: readonly ContractUse[];
  readonly calls: readonly ContractUse[];
  /** Whether it may read and write the objects in JetStream. */
  readonly store: boolean;
  /** Whether it may ask all services who they are ($SRV). */
  readonly discovers: boolean;
}

const cluster = (service: DescService): ContractUse => ({ service, target: {} });
const on =
  (node: string) =>
  (service: DescService): ContractUse => ({ service, target: { node } });
const everyNode = on("*");

const nothing = { node: "", serves: [], calls: [], store: false, discovers: false } as const;

export const clusterIdentities: readonly BusIdentity[] = [
  {
    ...nothing,
    name: "api-gateway",
    serves: [everyNode(NodeApi), cluster(PodApi)],
    calls: [cluster(Admission), cluster(Eviction), everyNode(PodLifecycle)],
    store: true,
  },
  { ...nothing, name: "scheduler-admission", serves: [cluster(Admission)], store: true },
  { ...nothing, name: "eviction", serves: [cluster(Eviction)], calls: [cluster(PodApi)], store: true },
  { ...nothing, name: "trace-explorer", serves: [cluster(TraceExplorer)] },
  // The person at the machine: "podbus status", "podbus trace" and "podbus probes".
  {
    ...nothing,
    name: "admin",
    calls: [cluster(TraceExplorer), everyNode(PullMonitor), everyNode(ProbeMonitor)],
    discovers: true,
  },
];

/** A node's services reach only subjects that contain their node's name; none of them has the store. */
export function nodeIdentities(node: string): readonly BusIdentity[] {
  const here = on(node);
  return [
    { ...nothing, name: "image-puller", node, serves: [here(ImagePuller), here(PullMonitor)], calls: [here(NodeApi)] },
    { ...nothing, name: "hook-runner", node, serves: [here(HookRunner)] },
    { ...nothing, name: "probe-runner", node, serves: [here(ProbeRunner), here(ProbeMonitor)] },
    {
      ...nothing,
      name: "pod-lifecycle",
      node,
      serves: [here(PodLifecycle)],
      calls: [here(NodeApi), here(ImagePuller), here(HookRunner), here(ProbeRunner)],
    },
  ];
}
