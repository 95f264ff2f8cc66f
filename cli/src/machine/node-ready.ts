import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Node } from "@podbus/kube";
import { getJson, readKubeAccess } from "../kube-client.ts";
import type { Layout } from "./layout.ts";

const boundMs = 60_000;

/** Resolves when the API server answers and this machine's node is Ready; fails after a minute with the last answer. */
export async function nodeReady(layout: Layout, nodeName: string, clock: Clock): Promise<void> {
  const access = await readKubeAccess(layout.kubeconfig);
  const deadline = clock.monotonic() + boundMs;
  for (;;) {
    const state = await ask();
    if (state === "Ready") return;
    if (clock.monotonic() > deadline) {
      throw new PodbusError({
        code: "DEADLINE_EXCEEDED",
        message: `node ${nodeName} is not Ready after ${boundMs / 1000} s (${state}); see the logs in ${layout.logsDir}`,
      });
    }
    await clock.sleep(50);
  }

  async function ask(): Promise<string> {
    try {
      const node = await getJson<Node>(access, `/api/v1/nodes/${nodeName}`);
      const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
      return ready?.status === "True" ? "Ready" : (ready?.message ?? "it has not reported yet");
    } catch (error) {
      return toPodbusError(error).message;
    }
  }
}
