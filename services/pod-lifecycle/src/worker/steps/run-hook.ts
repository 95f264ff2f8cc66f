import { HookKind, type RunHookResponse } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { LifecycleHandler } from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import { handlerAction } from "../../domain/handler-action.ts";
import { newestSandbox } from "../../domain/observed-pod.ts";
import { containerNamed, type PodTask } from "../pod-task.ts";

interface HookTarget {
  readonly container: string;
  readonly id: string;
}

/** Kubernetes bounds no postStart hook; the call is repeated by the bus as long as no runner lives. */
const unboundedMs = 24 * 60 * 60_000;

/** The postStart hook has run; a failed one ends the container by the next decision. */
export async function runPostStart(task: PodTask, target: HookTarget): Promise<void> {
  const { services, pod, progress } = task;
  const handler = containerNamed(pod, target.container).lifecycle?.postStart;
  if (!handler) return;
  const { succeeded, message } = await runHook(task, target, {
    kind: HookKind.POST_START,
    handler,
    timeoutMs: unboundedMs,
  });
  progress.postStart.set(target.id, succeeded ? "succeeded" : "failed");
  if (succeeded) return;
  const event = { type: "Warning", reason: "FailedPostStartHook", message } as const;
  services.events.record(pod, { ...event, container: target.container });
}

/** The preStop hook, within `timeoutMs`; whatever comes of it, the container is stopped afterwards. */
export async function runPreStop(task: PodTask, target: HookTarget, timeoutMs: number): Promise<void> {
  const { services, pod } = task;
  const handler = containerNamed(pod, target.container).lifecycle?.preStop;
  if (!handler) return;
  const failed = (message: string) => {
    services.log.warn({ pod: task.ref, container: target.container, message }, "the preStop hook failed");
    const event = { type: "Warning", reason: "FailedPreStopHook", message } as const;
    services.events.record(pod, { ...event, container: target.container });
  };
  try {
    const { succeeded, message } = await runHook(task, target, { kind: HookKind.PRE_STOP, handler, timeoutMs });
    if (!succeeded) failed(message);
  } catch (error) {
    if (task.signal.aborted) throw error;
    failed(toPodbusError(error).message);
  }
}

interface HookCall {
  readonly kind: HookKind;
  readonly handler: LifecycleHandler;
  readonly timeoutMs: number;
}

async function runHook(
  task: PodTask,
  { container, id }: HookTarget,
  call: HookCall,
): Promise<Pick<RunHookResponse, "succeeded" | "message">> {
  const { services, pod, ref, signal } = task;
  const { kind, handler, timeoutMs } = call;
  if (handler.sleep) {
    await services.clock.sleep(Math.min(handler.sleep.seconds * 1000, timeoutMs), signal);
    return { succeeded: true, message: "" };
  }
  const sandbox = newestSandbox(services.runtime.observed(ref.uid));
  const podIp = (pod.spec.hostNetwork ? services.node.hostIps : (sandbox?.ips ?? []))[0] ?? "";
  const action = handlerAction(handler, containerNamed(pod, container), podIp);
  if (!action) return { succeeded: true, message: "" };
  const attributes = { hook: kind === HookKind.POST_START ? "postStart" : "preStop" };
  return withSpan(services.tracer, `hook ${container}`, { attributes }, () =>
    services.hooks.runHook({ container: { pod: ref, name: container, id }, kind, action }, { timeoutMs, signal }),
  );
}
