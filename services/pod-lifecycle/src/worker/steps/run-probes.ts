import { pause } from "@podbus/clock";
import { type RunProbesResponse, Verdict } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import { newestSandbox } from "../../domain/observed-pod.ts";
import { impossibleProbes, probeRequests, verdictName } from "../../domain/probe-request.ts";
import { containerNamed, type PodTask } from "../pod-task.ts";

interface ProbeTarget {
  readonly container: string;
  readonly id: string;
}

const reopenMs = { initial: 100, max: 5_000 };

/** Keeps the container's probes going until nobody wants them; a lost runner changes no verdict. */
export async function runProbes(task: PodTask, target: ProbeTarget): Promise<void> {
  const { services, signal } = task;
  for (const message of impossibleProbes(containerNamed(task.pod, target.container))) {
    services.events.record(task.pod, { type: "Warning", reason: "Unhealthy", message, container: target.container });
  }
  let delayMs = reopenMs.initial;
  while (!signal.aborted) {
    try {
      for await (const response of openProbes(task, target)) {
        delayMs = reopenMs.initial;
        takeResponse(task, target, response);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      services.log.warn({ err: toPodbusError(thrown), pod: task.ref, container: target.container }, "probes broke off");
    }
    if (!signal.aborted) await pause(services.clock, delayMs, signal);
    delayMs = Math.min(delayMs * 2, reopenMs.max);
  }
}

function openProbes(task: PodTask, { container: name, id }: ProbeTarget): AsyncIterable<RunProbesResponse> {
  const { services, pod, ref, progress, signal } = task;
  const container = containerNamed(pod, name);
  const observed = services.runtime.observed(ref.uid);
  const podIp = (pod.spec.hostNetwork ? services.node.hostIps : (newestSandbox(observed)?.ips ?? []))[0] ?? "";
  const startedAtMs = BigInt(observed.containers.find((c) => c.id === id)?.startedAtMs ?? 0);
  const probes = probeRequests(pod, container, podIp, progress.verdicts.get(id) ?? {});
  return services.probes.runProbes({ container: { pod: ref, name, id }, startedAtMs, probes }, { signal });
}

function takeResponse(task: PodTask, { container, id }: ProbeTarget, response: RunProbesResponse): void {
  const { services, pod, progress, changed } = task;
  const name = verdictName(response.kind);
  if (!name) return;
  const failed = response.verdict === Verdict.FAILURE;
  if (response.message) {
    services.events.record(pod, { type: "Warning", reason: "Unhealthy", message: response.message, container });
  }
  // A startup probe begins as Failure: only a message that says so is its end.
  if (!response.changed) return;
  progress.verdicts.set(id, { ...progress.verdicts.get(id), [name]: !failed });
  changed();
}
