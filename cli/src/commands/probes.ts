import type { Bus } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import { ProbeMonitor, type WatchResultsResponse } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Node } from "@podbus/kube";
import { connectAsAdmin, requireInstance } from "../admin.ts";
import type { ProbesRequest } from "../arguments.ts";
import { getJson, readKubeAccess } from "../kube-client.ts";
import { layoutOf } from "../machine/layout.ts";
import { probeResultText } from "../probe-result.ts";
import type { Terminal } from "../terminal.ts";

const reopenMs = 1_000;

/** Prints what probes find, of all nodes that there are, until it is interrupted. */
export async function probes(request: ProbesRequest, terminal: Terminal, clock: Clock): Promise<void> {
  const instance = await requireInstance(request.stateDir);
  const access = await readKubeAccess(layoutOf(request.stateDir).kubeconfig);
  const { items } = await getJson<{ items: Node[] }>(access, "/api/v1/nodes");
  await using admin = await connectAsAdmin(instance);
  await Promise.all(
    items.map((node) => followNode({ bus: admin.bus, node: node.metadata.name ?? "", clock, request }, terminal)),
  );
}

interface Followed {
  readonly bus: Bus;
  readonly node: string;
  readonly clock: Clock;
  readonly request: ProbesRequest;
}

/** A stream that broke is opened again, and begins with what is known. */
async function followNode({ bus, node, clock, request }: Followed, terminal: Terminal): Promise<never> {
  for (;;) {
    try {
      for await (const result of bus.client(ProbeMonitor, { node }).watchResults({})) {
        if (isOf(request, result)) terminal.out(probeResultText(result));
      }
    } catch (thrown) {
      terminal.note(`${node}: ${toPodbusError(thrown).message}`);
    }
    await clock.sleep(reopenMs);
  }
}

function isOf({ namespace, pod }: ProbesRequest, { container }: WatchResultsResponse): boolean {
  if (namespace !== undefined && container?.pod?.namespace !== namespace) return false;
  return pod === undefined || container?.pod?.name === pod;
}
