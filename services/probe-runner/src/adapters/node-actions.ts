import { askGrpcHealth, type CheckedAction, dialTcp, execInContainer, httpGet, type Reach } from "@podbus/actions";
import type { Clock } from "@podbus/clock";
import type { Cri } from "@podbus/cri";
import { toPodbusError } from "@podbus/errors";
import type { AttemptOutcome } from "../domain/attempt.ts";
import type { AttemptLimits, ProbeActions } from "../ports.ts";

/** Commands inside the container by the runtime, requests and connections from this node. */
export function createNodeActions(cri: Cri, means: Reach & { readonly clock: Clock }): ProbeActions {
  const attempt = async (
    containerId: string,
    action: CheckedAction,
    limits: AttemptLimits,
  ): Promise<AttemptOutcome> => {
    const bounds = { ...means, ...limits };
    switch (action.kind) {
      case "exec":
        return execInContainer(cri.runtime, { containerId, command: action.command, ...bounds });
      case "httpGet":
        return { kind: "answered", ...(await httpGet(action, { purpose: "probe", ...bounds })) };
      case "tcpSocket":
        await dialTcp(action, bounds);
        return { kind: "connected" };
      case "grpc":
        return { kind: "health", status: await askGrpcHealth(action, bounds) };
    }
  };
  return {
    attempt: async (containerId, action, limits) => {
      try {
        return await attempt(containerId, action, limits);
      } catch (thrown) {
        const error = toPodbusError(thrown);
        if (error.code === "CANCELLED") throw error;
        // A runtime that fails says nothing of the container; a container that does not answer does.
        return { kind: action.kind === "exec" ? "errored" : "no-answer", error: error.message };
      }
    },
  };
}
