import { type PodStatus, qosClass } from "@podbus/kube";
import { appContainerStatuses, ephemeralContainerStatuses, initContainerStatuses } from "./container-status.ts";
import { kubeTime } from "./kube-time.ts";
import { withLostContainers } from "./lost-containers.ts";
import { newestSandbox } from "./observed-pod.ts";
import { podConditions } from "./pod-conditions.ts";
import { type PodGoal, podGoal } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { type PodPhase, podPhase } from "./pod-phase.ts";
import { shareMessages } from "./termination-message.ts";

export interface NodeAddresses {
  readonly hostIps: readonly string[];
}

/**
 * The whole status that this node reports for a pod. Pure; `previous` (what was reported before, else what is
 * stored) only keeps transition times and what a finished pod has lost since.
 */
export function computePodStatus(inputs: PodInputs, node: NodeAddresses, previous: PodStatus | undefined): PodStatus {
  const complete = { ...inputs, observed: withLostContainers(inputs.pod, inputs.observed) };
  const goal = podGoal(complete);
  if (inputs.progress.rejection) return rejectedStatus(inputs, inputs.progress.rejection);
  const context = { inputs: complete, ending: goal.kind !== "run" };
  const initStatuses = initContainerStatuses(context);
  const statuses = appContainerStatuses(context);
  const phase = finalPhase(
    podPhase({ pod: inputs.pod, initStatuses, statuses, ending: allOver(complete, goal) }),
    previous,
  );
  const sandbox = newestSandbox(inputs.observed);
  const hasNetwork = sandbox?.state === "ready" && (Boolean(inputs.pod.spec.hostNetwork) || sandbox.ips.length > 0);
  const { termination } = inputs.progress;
  const conditions = podConditions(
    { pod: inputs.pod, phase, initStatuses, statuses, hasNetwork, termination, nowMs: inputs.nowMs },
    previous?.conditions ?? [],
  );
  return shareMessages(inputs.pod, {
    phase: failedBy(goal) ? "Failed" : phase,
    conditions,
    ...reasonOf(goal),
    ...addresses(inputs, node, previous),
    startTime: inputs.pod.status?.startTime ?? kubeTime(inputs.progress.startedAtMs),
    ...(initStatuses.length > 0 ? { initContainerStatuses: initStatuses } : {}),
    containerStatuses: statuses,
    ...(inputs.pod.spec.ephemeralContainers ? { ephemeralContainerStatuses: ephemeralContainerStatuses(context) } : {}),
    qosClass: inputs.pod.status?.qosClass ?? qosClass(inputs.pod),
  });
}

/** Whether nothing runs any more and nothing will: only then may the phase become final. */
function allOver({ observed }: PodInputs, goal: PodGoal): boolean {
  return goal.kind !== "run" && observed.containers.every((c) => c.state === "exited");
}

/** A final phase is never left. kubelet: generateAPIPodStatus. */
function finalPhase(phase: PodPhase, previous: PodStatus | undefined): PodPhase {
  return previous?.phase === "Succeeded" || previous?.phase === "Failed" ? previous.phase : phase;
}

const failedBy = (goal: PodGoal): boolean => goal.kind === "stop" && goal.failure?.failsPod === true;

function reasonOf(goal: PodGoal): Pick<PodStatus, "reason" | "message"> {
  if (goal.kind !== "stop" || !goal.failure) return {};
  const { reason, message } = goal.failure;
  return { ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

function addresses({ pod, observed }: PodInputs, node: NodeAddresses, previous: PodStatus | undefined) {
  const sandboxIps = newestSandbox(observed)?.ips ?? [];
  const known = sandboxIps.length > 0 ? sandboxIps : (previous?.podIPs ?? []).flatMap((p) => (p.ip ? [p.ip] : []));
  const onHost = pod.spec.hostNetwork && observed.sandboxes.length > 0;
  const podIps = onHost ? node.hostIps : known;
  const [hostIP] = node.hostIps;
  const [podIP] = podIps;
  return {
    ...(hostIP ? { hostIP, hostIPs: node.hostIps.map((ip) => ({ ip })) } : {}),
    ...(podIP ? { podIP, podIPs: podIps.map((ip) => ({ ip })) } : {}),
  };
}

/** kubelet: rejectPod (pkg/kubelet/kubelet.go). */
function rejectedStatus(inputs: PodInputs, { reason, message }: { reason: string; message: string }): PodStatus {
  return {
    phase: "Failed",
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: inputs.pod.status?.startTime ?? kubeTime(inputs.progress.startedAtMs),
    qosClass: inputs.pod.status?.qosClass ?? qosClass(inputs.pod),
  };
}
