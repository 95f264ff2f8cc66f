import type { CallContext, Implementation } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { Eviction, EvictRequest } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { type Status, statusConflict } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import { decideEvictAnswer } from "../domain/decide-evict-answer.ts";
import { decideEviction, type EvictionWish } from "../domain/decide-eviction.ts";
import type { PodDeleter, PodReader } from "../ports.ts";

export interface EvictDependencies {
  readonly pods: PodReader;
  readonly deleter: PodDeleter;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Kubernetes: EvictionsRetry, but bounded by what the caller still waits. */
const retryDelayMs = 500;
const mostTries = 20;
/** What the answer itself needs to get back. */
const answerMs = 200;

const disruption = { disruptionReason: "EvictionByEvictionAPI", disruptionMessage: "Eviction API: evicting" };

export function evict(deps: EvictDependencies): Implementation<typeof Eviction>["evict"] {
  return async (request, call) => {
    const { namespace, name } = request.pod ?? { namespace: "", name: "" };
    if (namespace === "" || name === "") {
      throw new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message: "the pod is not named" });
    }
    const refusal = await evictPod(deps, request, call);
    deps.log.info({ pod: `${namespace}/${name}`, dryRun: request.dryRun, refused: refusal?.reason }, "eviction");
    return { refusedStatusJson: refusal ? new TextEncoder().encode(JSON.stringify(refusal)) : new Uint8Array() };
  };
}

/** Undefined once the pod is going. */
async function evictPod(
  deps: EvictDependencies,
  request: EvictRequest,
  call: CallContext,
): Promise<Status | undefined> {
  const wish = wishOf(request);
  for (let tries = 1; ; tries++) {
    const pod = await deps.pods.read(request.pod?.namespace ?? "", wish.name, call.signal);
    const decision = decideEviction(pod, wish);
    if (decision.kind === "done") return undefined;
    if (decision.kind === "refuse") return decision.status;
    try {
      await deps.deleter.deletePod(deletionOf(request, decision.uid), {
        timeoutMs: call.remainingMs(),
        signal: call.signal,
      });
      return undefined;
    } catch (thrown) {
      const error = toPodbusError(thrown);
      const answer = decideEvictAnswer(error, wish);
      if (answer.kind === "refuse") return answer.status;
      if (answer.kind === "fail") throw error;
      if (tries >= mostTries || call.remainingMs() < retryDelayMs + answerMs)
        return statusConflict("pods", wish.name).status;
      await deps.clock.sleep(retryDelayMs, call.signal);
    }
  }
}

function wishOf(request: EvictRequest): EvictionWish {
  const { pod, gracePeriodSeconds, preconditionUid, preconditionResourceVersion } = request;
  return {
    name: pod?.name ?? "",
    uid: pod?.uid ?? "",
    gracePeriodSeconds: gracePeriodSeconds === undefined ? undefined : Number(gracePeriodSeconds),
    preconditionUid,
    preconditionResourceVersion,
  };
}

function deletionOf(request: EvictRequest, uid: string) {
  const { pod, gracePeriodSeconds, dryRun, preconditionResourceVersion } = request;
  return {
    pod: { namespace: pod?.namespace ?? "", name: pod?.name ?? "", uid },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    dryRun,
    preconditionResourceVersion,
    ...disruption,
  };
}
