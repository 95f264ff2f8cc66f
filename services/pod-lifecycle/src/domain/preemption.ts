import { type Pod, podRequests, qosClass } from "@podbus/kube";
import { isCriticalPod } from "./critical-pod.ts";
import { type AdmissionInputs, admitPod, amountOf, shortages } from "./node-admission.ts";
import type { PodRejection } from "./pod-inputs.ts";

// kubelet: pkg/kubelet/preemption/preemption.go

export interface NodeAdmission {
  /** Set where the pod may not run here. */
  readonly rejection?: PodRejection;
  /** Pods that have to end before it may begin. */
  readonly preempt: readonly Pod[];
}

/** As `admitPod`; a critical pod that lacks nothing but room gets that of pods that are less important. */
export function admitOrPreempt(pod: Pod, inputs: AdmissionInputs): NodeAdmission {
  const rejection = admitPod(pod, inputs);
  if (!rejection) return { preempt: [] };
  const lacking = isCriticalPod(pod) ? shortages(pod, inputs) : [];
  if (lacking.length === 0) return { rejection, preempt: [] };
  const needs = new Map(
    lacking.map(({ resource, requested, used, capacity }) => [resource, requested + used - capacity]),
  );
  const preempt = podsToPreempt(
    inputs.pods.filter((other) => mayPreempt(pod, other)),
    needs,
  );
  if (!preempt) return { rejection: noRoom(needs), preempt: [] };
  const left = inputs.pods.filter((other) => !preempt.includes(other));
  const other = admitPod(pod, { ...inputs, pods: left });
  return other ? { rejection: other, preempt: [] } : { preempt };
}

/** By resource: how much has to become free. */
type Needs = ReadonlyMap<string, number>;

function mayPreempt(pod: Pod, other: Pod): boolean {
  if (isCriticalPod(pod) && !isCriticalPod(other)) return true;
  const [mine, theirs] = [pod.spec.priority, other.spec.priority];
  return mine !== undefined && theirs !== undefined && mine > theirs;
}

/**
 * As few as possible of the better classes: of the Guaranteed only what is lacking when all others have gone, then of the
 * Burstable, then of BestEffort. Undefined: all together are not enough.
 */
function podsToPreempt(pods: readonly Pod[], needs: Needs): readonly Pod[] | undefined {
  const ofClass = (name: string) => pods.filter((pod) => qosClass(pod) === name);
  const [guaranteed, burstable, bestEffort] = ["Guaranteed", "Burstable", "BestEffort"].map(ofClass) as [
    Pod[],
    Pod[],
    Pod[],
  ];
  if (without(needs, pods).size > 0) return undefined;
  const first = nearest(guaranteed, without(needs, [...bestEffort, ...burstable]));
  const second = nearest(burstable, without(needs, [...bestEffort, ...first]));
  const third = nearest(bestEffort, without(needs, [...second, ...first]));
  return [...third, ...second, ...first];
}

/** What is still needed when those have gone. */
function without(needs: Needs, pods: readonly Pod[]): Needs {
  const left = [...needs].map(([resource, amount]) => {
    return [resource, pods.reduce((sum, pod) => sum - requestOf(pod, resource), amount)] as const;
  });
  return new Map(left.filter(([, amount]) => amount > 0));
}

/** One after another that comes nearest to what is needed; of equals the one that asks for less. */
function nearest(pods: readonly Pod[], needs: Needs): readonly Pod[] {
  const left = [...pods];
  const chosen: Pod[] = [];
  for (let open = needs; open.size > 0 && left.length > 0; open = without(needs, chosen)) {
    const order = (a: Pod, b: Pod) => distance(a, open) - distance(b, open) || (asksForLess(a, b) ? -1 : 1);
    const best = left.reduce((found, pod) => (order(pod, found) < 0 ? pod : found));
    left.splice(left.indexOf(best), 1);
    chosen.push(best);
  }
  return chosen;
}

function distance(pod: Pod, needs: Needs): number {
  return [...needs].reduce((sum, [resource, amount]) => {
    return sum + (Math.max(0, amount - requestOf(pod, resource)) / amount) ** 2;
  }, 0);
}

function asksForLess(pod: Pod, other: Pod): boolean {
  for (const resource of ["memory", "cpu"]) {
    const [mine, theirs] = [requestOf(pod, resource), requestOf(other, resource)];
    if (mine !== theirs) return mine < theirs;
  }
  return false;
}

const requestOf = (pod: Pod, resource: string): number =>
  resource === "pods" ? 1 : amountOf(podRequests(pod), resource);

function noRoom(needs: Needs): PodRejection {
  const list = [...needs].map(([resource, amount]) => `(res: ${resource}, q: ${amount}), `).join("");
  const problem = `no set of running pods found to reclaim resources: [${list}]`;
  return {
    reason: "UnexpectedAdmissionError",
    message:
      "Unexpected error while attempting to recover from admission failure: " +
      `preemption: error finding a set of pods to preempt: ${problem}`,
  };
}
