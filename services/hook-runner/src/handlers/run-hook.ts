import type { MessageInitShape } from "@bufbuild/protobuf";
import { checkAction, type HttpRequest, serverGaveHttp } from "@podbus/actions";
import type { CallContext } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import { type ContainerRef, HookKind, type RunHookRequest, type RunHookResponseSchema } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import {
  type HookAction,
  type HookOutcome,
  type HookOwner,
  hookBudgetMs,
  judgeHook,
  refuseHook,
} from "../domain/hook-result.ts";
import type { HookMetrics } from "../hook-metrics.ts";
import type { HookActions, HookLimits } from "../ports.ts";

export interface RunHookDeps {
  readonly actions: HookActions;
  readonly clock: Clock;
  readonly metrics: HookMetrics;
  readonly log: Logger;
}

/**
 * HookRunner.RunHook: check → do → judge → reply. Each call runs the hook: at least once, as Kubernetes promises. Fails only
 * where the hook may not have run at all: a bad request, a runtime that is away, a caller that gave up.
 */
export async function runHook(
  { actions, clock, metrics, log }: RunHookDeps,
  request: RunHookRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof RunHookResponseSchema>> {
  const action = checkAction(request.action);
  const container = checkContainer(request.container);
  const kind = kindName(request.kind);
  if (action.kind === "grpc") return refuseHook(action);
  const line = { step: "hook", hook: kind, action: action.kind, container: container.owner.containerName };
  const pod = `${container.owner.namespace}/${container.owner.podName}`;
  log.info({ ...line, pod, phase: "begin" }, "running a hook");
  const limits = { timeoutMs: hookBudgetMs(call.remainingMs()), signal: call.signal };
  const beganMs = clock.monotonic();
  const result = judgeHook(container.owner, action, await doAction(actions, container.id, action, limits));
  metrics.ran(container.owner, { hook: kind, handler: action.kind, ...result, tookMs: clock.monotonic() - beganMs });
  log.info(
    { ...line, pod, phase: "end", succeeded: result.succeeded },
    result.succeeded ? "ran a hook" : result.message,
  );
  return result;
}

async function doAction(
  actions: HookActions,
  containerId: string,
  action: HookAction,
  limits: HookLimits,
): Promise<HookOutcome> {
  try {
    switch (action.kind) {
      case "exec":
        return await actions.exec(containerId, action, limits);
      case "httpGet":
        return { kind: "answered", ...(await actions.httpGet(action, limits)) };
      case "tcpSocket":
        await actions.tcpSocket(action, limits);
        return { kind: "connected" };
    }
  } catch (thrown) {
    const error = toPodbusError(thrown);
    if (error.code === "CANCELLED") throw error;
    if (action.kind === "exec" && error.code === "UNAVAILABLE") throw error;
    if (action.kind === "httpGet" && action.scheme === "https" && error.message.endsWith(serverGaveHttp)) {
      return doAction(actions, containerId, withoutTls(action), limits);
    }
    return { kind: "failed", error: error.message };
  }
}

/** Kubernetes: handlers.go tries a server that speaks no TLS again in plain HTTP, without the user's credentials. */
function withoutTls(action: HttpRequest): HttpRequest {
  const headers = action.headers.filter(({ name }) => name.toLowerCase() !== "authorization");
  return { ...action, scheme: "http", headers };
}

function checkContainer(container: ContainerRef | undefined): { readonly id: string; readonly owner: HookOwner } {
  const pod = container?.pod;
  if (!container?.id) throw invalid("container.id: required");
  if (!container.name) throw invalid("container.name: required");
  if (!pod?.name || !pod.namespace || !pod.uid) throw invalid("container.pod: namespace, name and uid are required");
  const owner = { namespace: pod.namespace, podName: pod.name, podUid: pod.uid, containerName: container.name };
  return { id: container.id, owner };
}

function kindName(kind: HookKind): "postStart" | "preStop" {
  if (kind === HookKind.POST_START) return "postStart";
  if (kind === HookKind.PRE_STOP) return "preStop";
  throw invalid(`kind: ${kind === HookKind.UNSPECIFIED ? "required" : `${kind} is unknown`}`);
}

function invalid(message: string): PodbusError {
  return new PodbusError({ code: "INVALID_ARGUMENT", message });
}
