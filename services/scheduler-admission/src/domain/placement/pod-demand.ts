import {
  type Container,
  type HostPort,
  hostPortsOf,
  milliValue,
  type NodeRequirement,
  type NodeSelectorTerm,
  nodeRequirement,
  type Pod,
  quantityValue,
  type Toleration,
} from "@podbus/kube";

/** Amounts by resource name: milli-CPUs for "cpu", bytes or plain counts for the rest. */
export type Amounts = ReadonlyMap<string, number>;

/** What a pod asks of a node: all that placing it needs, compiled once. */
export interface PodDemand extends NodeRequirement {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly priority: number;
  readonly requests: Amounts;
  /** As requests, but containers that ask for nothing count a little: else such pods would pile up on one node. */
  readonly scoring: LoadAmounts;
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly Toleration[];
  readonly preferredTerms: readonly { readonly weight: number; readonly preference: NodeSelectorTerm }[];
}

export interface LoadAmounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** Kubernetes: pkg/scheduler/util/pod_resources.go (DefaultMilliCPURequest, DefaultMemoryRequest). */
const nonZero = { cpu: 100, memory: 200 * 1024 * 1024 };
const nothing: Readonly<Record<string, number>> = {};

export function compilePodDemand(pod: Pod): PodDemand {
  const { metadata, spec } = pod;
  const scoring = requestsOf(pod, nonZero);
  return {
    uid: metadata.uid ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    priority: spec.priority ?? 0,
    requests: requestsOf(pod, nothing),
    scoring: { cpuMilli: scoring.get("cpu") ?? 0, memoryBytes: scoring.get("memory") ?? 0 },
    hostPorts: hostPortsOf(pod),
    tolerations: spec.tolerations ?? [],
    ...nodeRequirement(pod),
    preferredTerms: spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  };
}

/**
 * What the pod needs at its most demanding moment: all containers and sidecars together, or one init container
 * beside the sidecars started before it, whichever is more; plus the overhead.
 * Kubernetes: pkg/api/v1/resource/helpers.go PodRequests.
 */
function requestsOf({ spec }: Pod, atLeast: Readonly<Record<string, number>>): Amounts {
  const running = new Map<string, number>();
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of spec.containers) add(running, containerRequests(container, atLeast));
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container, atLeast);
    if (container.restartPolicy === "Always") {
      add(running, own);
      add(sidecars, own);
      raise(starting, sidecars);
      continue;
    }
    const together = new Map(sidecars);
    add(together, own);
    raise(starting, together);
  }
  raise(running, starting);
  add(running, amountsOf(spec.overhead));
  return running;
}

function containerRequests({ resources }: Container, atLeast: Readonly<Record<string, number>>): Amounts {
  const amounts = new Map(amountsOf(resources?.requests));
  for (const [resource, amount] of Object.entries(atLeast)) {
    if (!amounts.has(resource)) amounts.set(resource, amount);
  }
  return amounts;
}

/** A Kubernetes resource list; fractions are rounded up, as Quantity.Value does. */
export function amountsOf(list: Readonly<Record<string, string | number>> | undefined): Amounts {
  return new Map(
    Object.entries(list ?? {}).map(([resource, quantity]) => {
      const text = String(quantity);
      return [resource, resource === "cpu" ? milliValue(text) : quantityValue(text)];
    }),
  );
}

export function add(sum: Map<string, number>, amounts: Amounts, factor = 1): void {
  for (const [resource, amount] of amounts) sum.set(resource, (sum.get(resource) ?? 0) + factor * amount);
}

function raise(most: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of amounts) most.set(resource, Math.max(most.get(resource) ?? 0, amount));
}
