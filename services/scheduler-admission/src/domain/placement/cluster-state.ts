import { HostPortTable, type Node } from "@podbus/kube";
import { effectiveTaints } from "./effective-taints.ts";
import { type Amounts, add, amountsOf, type PodDemand } from "./pod-demand.ts";

type Taints = ReturnType<typeof effectiveTaints>;

/** One node with what is placed on it: what filters and scores read. */
export interface NodeState {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unschedulable: boolean;
  readonly taints: Taints;
  readonly allocatable: Amounts;
  readonly requested: Amounts;
  readonly scoringCpuMilli: number;
  readonly scoringMemoryBytes: number;
  readonly podCount: number;
  readonly hostPorts: Pick<HostPortTable, "conflicts">;
}

/** Pods may be seen before their node: the amounts are kept, the rest follows. */
class NodeRecord implements NodeState {
  readonly name: string;
  known = false;
  fingerprint = "";
  labels: Readonly<Record<string, string>> = {};
  unschedulable = false;
  taints: Taints = [];
  allocatable: Amounts = new Map();
  readonly requested = new Map<string, number>();
  scoringCpuMilli = 0;
  scoringMemoryBytes = 0;
  podCount = 0;
  readonly hostPorts = new HostPortTable();

  constructor(name: string) {
    this.name = name;
  }

  describe(node: Node, fingerprint: string): void {
    this.known = true;
    this.fingerprint = fingerprint;
    this.labels = node.metadata.labels ?? {};
    this.unschedulable = node.spec?.unschedulable ?? false;
    this.taints = effectiveTaints(node);
    this.allocatable = amountsOf(node.status?.allocatable);
  }

  count(demand: PodDemand, factor: 1 | -1): void {
    add(this.requested, demand.requests, factor);
    this.scoringCpuMilli += factor * demand.scoring.cpuMilli;
    this.scoringMemoryBytes += factor * demand.scoring.memoryBytes;
    this.podCount += factor;
    if (factor > 0) this.hostPorts.add(demand.hostPorts);
    else this.hostPorts.remove(demand.hostPorts);
  }
}

/**
 * All nodes and what is placed on them, kept up to date change by change: a decision reads it as it is,
 * nothing is rebuilt for a pod.
 */
export class ClusterState {
  readonly #records = new Map<string, NodeRecord>();
  readonly #placed = new Map<string, { readonly record: NodeRecord; readonly demand: PodDemand }>();
  #nodes: NodeRecord[] = [];

  /** The nodes that exist, in no particular but a stable order. */
  get nodes(): readonly NodeState[] {
    return this.#nodes;
  }

  node(name: string): NodeState | undefined {
    const record = this.#records.get(name);
    return record?.known ? record : undefined;
  }

  /** Answers whether anything changed that matters for placing. Heartbeats do not. */
  setNode(node: Node): boolean {
    const record = this.#record(node.metadata.name);
    const fingerprint = fingerprintOf(node);
    if (record.known && record.fingerprint === fingerprint) return false;
    if (!record.known) this.#nodes.push(record);
    record.describe(node, fingerprint);
    return true;
  }

  removeNode(name: string): void {
    const record = this.#records.get(name);
    if (!record) return;
    record.known = false;
    this.#nodes = this.#nodes.filter((other) => other !== record);
    this.#forgetIfEmpty(record);
  }

  /** Where this pod is counted. */
  placeOf(uid: string): string | undefined {
    return this.#placed.get(uid)?.record.name;
  }

  /** Counts a pod on a node; once, however often it is told. */
  place(demand: PodDemand, nodeName: string): void {
    if (this.placeOf(demand.uid) === nodeName) return;
    this.remove(demand.uid);
    const record = this.#record(nodeName);
    record.count(demand, 1);
    this.#placed.set(demand.uid, { record, demand });
  }

  /** Answers the node that the pod was counted on. */
  remove(uid: string): string | undefined {
    const placed = this.#placed.get(uid);
    if (!placed) return undefined;
    this.#placed.delete(uid);
    placed.record.count(placed.demand, -1);
    this.#forgetIfEmpty(placed.record);
    return placed.record.name;
  }

  #record(name: string): NodeRecord {
    const record = this.#records.get(name) ?? new NodeRecord(name);
    this.#records.set(name, record);
    return record;
  }

  #forgetIfEmpty(record: NodeRecord): void {
    if (!record.known && record.podCount === 0) this.#records.delete(record.name);
  }
}

function fingerprintOf({ metadata, spec, status }: Node): string {
  const ready = status?.conditions?.find((condition) => condition.type === "Ready")?.status;
  return JSON.stringify([metadata.labels, spec?.unschedulable, spec?.taints, status?.allocatable, ready]);
}
