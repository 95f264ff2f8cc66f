import { dialTcp, execInContainer, httpGet, type Reach } from "@podbus/actions";
import type { Clock } from "@podbus/clock";
import type { Cri } from "@podbus/cri";
import type { HookActions } from "../ports.ts";

/** Commands inside the container by the runtime, requests and connections from this node. */
export function createNodeActions(cri: Cri, means: Reach & { readonly clock: Clock }): HookActions {
  return {
    exec: (containerId, { command }, limits) =>
      execInContainer(cri.runtime, { containerId, command, clock: means.clock, ...limits }),
    httpGet: (request, limits) => httpGet(request, { purpose: "lifecycle", ...means, ...limits }),
    tcpSocket: (target, limits) => dialTcp(target, { ...means, ...limits }),
  };
}
