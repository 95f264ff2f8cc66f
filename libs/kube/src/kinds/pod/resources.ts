import {
  addQuantity,
  compareQuantity,
  maxQuantity,
  milliValue,
  parseQuantity,
  type Quantity,
  quantityValue,
} from "../../quantity/quantity.ts";
import type { Container } from "./container-schema.ts";
import type { Pod } from "./schema.ts";

type Amounts = Map<string, Quantity>;

const none: Quantity = { nano: 0n, format: "DecimalSI" };

function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));
}

function combine(left: Amounts, right: Amounts, how: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const result: Amounts = new Map(left);
  for (const [name, amount] of right) {
    const present = result.get(name);
    result.set(name, present === undefined ? amount : how(present, amount));
  }
  return result;
}

function add(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, addQuantity);
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/**
 * What a pod needs at its peak: the running containers and sidecars together, or any one init container with the
 * sidecars started before it, whichever is more; and the overhead.
 * pkg/api/v1/resource/helpers.go PodRequests; KEP-753 for sidecars.
 */
function effective(pod: Pod, which: "requests" | "limits"): Amounts {
  let running: Amounts = new Map();
  for (const container of pod.spec.containers) running = add(running, amountsOf(container.resources?.[which]));
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const container of pod.spec.initContainers ?? []) {
    const own = amountsOf(container.resources?.[which]);
    if (isSidecar(container)) {
      sidecars = add(sidecars, own);
      running = add(running, own);
      starting = combine(starting, sidecars, maxQuantity);
    } else starting = combine(starting, add(sidecars, own), maxQuantity);
  }
  const peak = combine(running, starting, maxQuantity);
  const overhead = amountsOf(pod.spec.overhead);
  if (which === "requests") return add(peak, overhead);
  for (const [name, amount] of overhead) {
    const limit = peak.get(name);
    if (limit !== undefined) peak.set(name, addQuantity(limit, amount));
  }
  return peak;
}

export interface PodResources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Every other resource (extended, huge pages), in whole units. */
  readonly others: Readonly<Record<string, number>>;
}

function summary(amounts: Amounts): PodResources {
  const others: Record<string, number> = {};
  for (const [name, amount] of amounts) {
    if (name !== "cpu" && name !== "memory" && name !== "ephemeral-storage") others[name] = quantityValue(amount);
  }
  return {
    cpuMilli: milliValue(amounts.get("cpu") ?? none),
    memoryBytes: quantityValue(amounts.get("memory") ?? none),
    ephemeralStorageBytes: quantityValue(amounts.get("ephemeral-storage") ?? none),
    others,
  };
}

/** What the scheduler must find on a node for this pod. */
export function podRequests(pod: Pod): PodResources {
  return summary(effective(pod, "requests"));
}

/** Limits of the whole pod; a resource that some container does not limit is counted by the others only. */
export function podLimits(pod: Pod): PodResources {
  return summary(effective(pod, "limits"));
}

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

function positive(list: Readonly<Record<string, string>> | undefined): Amounts {
  const counted = ["cpu", "memory"];
  return new Map([...amountsOf(list)].filter(([name, { nano }]) => counted.includes(name) && nano > 0n));
}

/** pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS */
export function qosClass(pod: Pod): QosClass {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  let requests: Amounts = new Map();
  let limits: Amounts = new Map();
  let allLimited = true;
  for (const { resources } of containers) {
    requests = add(requests, positive(resources?.requests));
    const own = positive(resources?.limits);
    limits = add(limits, own);
    allLimited &&= own.size === 2;
  }
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal = [...requests].every(([name, amount]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantity(limit, amount) === 0;
  });
  return allLimited && equal && requests.size === limits.size ? "Guaranteed" : "Burstable";
}
