import {
  type ContainerStatus,
  podConditions as conditionTypes,
  isSidecar,
  type Pod,
  type PodCondition,
} from "@podbus/kube";
import { kubeTime } from "./kube-time.ts";
import type { PodTermination } from "./pod-inputs.ts";
import type { PodPhase } from "./pod-phase.ts";

export interface ConditionInputs {
  readonly pod: Pod;
  readonly phase: PodPhase;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** The sandbox is ready and has its address. */
  readonly hasNetwork: boolean;
  readonly termination?: PodTermination | undefined;
  readonly nowMs: number;
}

interface Verdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions that the node owns, in the kubelet's order (pkg/kubelet/status/generate.go). */
export function podConditions(inputs: ConditionInputs, previous: readonly PodCondition[]): PodCondition[] {
  const containersReady = containersReadyVerdict(inputs);
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ["PodReadyToStartContainers", { status: inputs.hasNetwork ? "True" : "False" }],
    ["Initialized", initializedVerdict(inputs)],
    ["Ready", readyVerdict(inputs, containersReady)],
    ["ContainersReady", containersReady],
    ...disruption(inputs),
  ];
  return verdicts.map(([type, verdict]) => condition(type, verdict, previous, inputs.nowMs));
}

/** kubelet: TerminatePodAbnormallyAndWait of pkg/kubelet/nodeshutdown. */
function disruption({ termination }: ConditionInputs): (readonly [string, Verdict])[] {
  if (!termination) return [];
  const { message } = termination;
  return [[conditionTypes.disruptionTarget, { status: "True", reason: "TerminationByKubelet", message }]];
}

function condition(type: string, verdict: Verdict, previous: readonly PodCondition[], nowMs: number): PodCondition {
  const before = previous.find((c) => c.type === type);
  const unchanged = before?.status === verdict.status;
  return {
    type,
    status: verdict.status,
    lastTransitionTime: (unchanged && before?.lastTransitionTime) || kubeTime(nowMs),
    ...(verdict.reason ? { reason: verdict.reason } : {}),
    ...(verdict.message ? { message: verdict.message } : {}),
  };
}

function initializedVerdict({ pod, phase, initStatuses, statuses }: ConditionInputs): Verdict {
  const sidecars = sidecarNames(pod);
  const isDone = (s: ContainerStatus) => (sidecars.has(s.name) ? s.started : s.ready);
  const incomplete = initStatuses.filter((s) => !isDone(s)).map((s) => s.name);
  if (incomplete.length === 0) return completed(phase) ?? { status: "True" };
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  // Init containers may have been removed long after they did their work.
  if (pod.spec.containers.some((c) => hasRun(statuses.find((s) => s.name === c.name)))) return { status: "True" };
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { status: "False", reason: "ContainersNotInitialized", message };
}

const completed = (phase: PodPhase): Verdict | undefined =>
  phase === "Succeeded" ? { status: "True", reason: "PodCompleted" } : undefined;

const hasRun = (status: ContainerStatus | undefined): boolean =>
  Boolean(status?.state?.running ?? status?.state?.terminated ?? status?.lastState?.terminated);

const sidecarNames = ({ spec }: Pod) => new Set((spec.initContainers ?? []).filter(isSidecar).map((c) => c.name));

function containersReadyVerdict({ pod, phase, initStatuses, statuses }: ConditionInputs): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const byName = new Map([...initStatuses, ...statuses].map((s) => [s.name, s]));
  const names = [...sidecarNames(pod), ...pod.spec.containers.map((c) => c.name)];
  const unknown = names.filter((name) => !byName.has(name));
  const unready = names.filter((name) => byName.get(name)?.ready === false);
  const messages = [
    ...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(" ")}]`] : []),
    ...(unready.length > 0 ? [`containers with unready status: [${unready.join(" ")}]`] : []),
  ];
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: messages.join(", ") };
}

function readyVerdict({ pod }: ConditionInputs, containersReady: Verdict): Verdict {
  if (containersReady.status === "False") return containersReady;
  const unmet = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => gateMessage(pod, conditionType));
  if (unmet.length === 0) return { status: "True" };
  return { status: "False", reason: "ReadinessGatesNotReady", message: unmet.join(", ") };
}

function gateMessage(pod: Pod, type: string): string[] {
  const found = pod.status?.conditions?.find((c) => c.type === type);
  if (!found) return [`corresponding condition of pod readiness gate "${type}" does not exist.`];
  return found.status === "True"
    ? []
    : [`the status of pod readiness gate "${type}" is not "True", but ${found.status}`];
}
