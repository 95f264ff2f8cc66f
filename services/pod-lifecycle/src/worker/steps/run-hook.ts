import { HookKind } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { LifecycleHandler } from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import { handlerAction, unknownPort } from "../../domain/handler-action.ts";
import { newestSandbox } from "../../domain/observed-pod.ts";
import type { HookName } from "../../domain/pod-paths.ts";
import type { HookEnd } from "../../ports.ts";
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
  const end = await runUnlessEnded(task, target, { hook: "postStart", handler, timeoutMs: unboundedMs });
  progress.postStart.set(target.id, end.succeeded ? "succeeded" : "failed");
  if (end.succeeded || end.before) return;
  const event = { type: "Warning", reason: "FailedPostStartHook", message: end.message } as const;
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
    const end = await runUnlessEnded(task, target, { hook: "preStop", handler, timeoutMs });
    if (!end.succeeded && !end.before) failed(end.message);
  } catch (error) {
    if (task.signal.aborted) throw error;
    failed(toPodbusError(error).message);
  }
}

interface HookCall {
  readonly hook: HookName;
  readonly handler: LifecycleHandler;
  readonly timeoutMs: number;
}

/** A hook that came to its end (`before`) is not run again; one that was cut off, by a restart of whatever service, is. */
async function runUnlessEnded(
  task: PodTask,
  target: HookTarget,
  call: HookCall,
): Promise<HookEnd & { readonly before: boolean }> {
  const { services, pod, ref } = task;
  const attempt = services.runtime.observed(ref.uid).containers.find((c) => c.id === target.id)?.attempt;
  const run = { ...target, attempt: attempt ?? 0 };
  const known = await services.hookJournal.endOf(pod, run, call.hook);
  if (known) return { ...known, before: true };
  const { succeeded, message } = await runHook(task, target, call);
  const end = { succeeded, message };
  await services.hookJournal.keepEnd(pod, run, call.hook, end).catch((error) => {
    services.log.warn({ err: toPodbusError(error), pod: ref }, "cannot keep that a hook has run: it may run again");
  });
  return { ...end, before: false };
}

async function runHook(task: PodTask, { container, id }: HookTarget, call: HookCall): Promise<HookEnd> {
  const { services, pod, ref, signal } = task;
  const { hook, handler, timeoutMs } = call;
  if (handler.sleep) {
    await services.clock.sleep(Math.min(handler.sleep.seconds * 1000, timeoutMs), signal);
    return { succeeded: true, message: "" };
  }
  const missing = unknownPort(handler, containerNamed(pod, container));
  // Kubernetes: lifecycle/handlers.go, resolvePort.
  if (missing) return { succeeded: false, message: `Cannot run handler: couldn't find port: ${missing}` };
  const sandbox = newestSandbox(services.runtime.observed(ref.uid));
  const podIp = (pod.spec.hostNetwork ? services.node.hostIps : (sandbox?.ips ?? []))[0] ?? "";
  const action = handlerAction(handler, containerNamed(pod, container), podIp);
  if (!action) return { succeeded: true, message: "" };
  const kind = hook === "postStart" ? HookKind.POST_START : HookKind.PRE_STOP;
  return withSpan(services.tracer, `hook ${container}`, { attributes: { hook } }, () =>
    services.hooks.runHook({ container: { pod: ref, name: container, id }, kind, action }, { timeoutMs, signal }),
  );
}
