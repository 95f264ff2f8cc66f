import type { Bus, NatsConnection } from "@podbus/bus";
import { PullMonitor } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Node, Pod } from "@podbus/kube";
import { z } from "zod";
import { connectAsAdmin, requireInstance } from "../admin.ts";
import { getJson, readKubeAccess } from "../kube-client.ts";
import { layoutOf } from "../machine/layout.ts";
import { pullProgressText } from "../pull-progress.ts";
import { renderTable } from "../render-table.ts";
import type { Terminal } from "../terminal.ts";

/** What runs here: the process, its services as they answer on the bus, nodes, pods and running pulls. */
export async function status(stateDir: string, terminal: Terminal): Promise<void> {
  const instance = await requireInstance(stateDir);
  terminal.out(`podbus runs on ${instance.stateDir} (pid ${instance.pid}, since ${instance.startedAt})`);
  terminal.out(`API ${instance.apiUrl}, NATS ${instance.natsUrl}\n`);
  await using admin = await connectAsAdmin(instance);
  const rows = (await askServices(admin.connection)).map(({ name, version, metadata, endpoints }) => [
    name,
    metadata.node ?? "",
    version,
    `${sum(endpoints.map((each) => each.num_requests))}`,
    `${sum(endpoints.map((each) => each.num_errors))}`,
  ]);
  rows.sort(([a = "", x = ""], [b = "", y = ""]) => a.localeCompare(b) || x.localeCompare(y));
  terminal.out(`${renderTable(["SERVICE", "NODE", "VERSION", "REQUESTS", "ERRORS"], rows)}\n`);
  const access = await readKubeAccess(layoutOf(stateDir).kubeconfig);
  const [nodes, pods] = await Promise.all([
    getJson<{ items: Node[] }>(access, "/api/v1/nodes"),
    getJson<{ items: Pod[] }>(access, "/api/v1/pods"),
  ]);
  terminal.out(nodesTable(nodes.items, pods.items));
  const pulls = await Promise.all(nodes.items.map((node) => pullRows(admin.bus, node.metadata.name ?? "")));
  if (pulls.flat().length > 0) {
    terminal.out(`\n${renderTable(["NODE", "POD", "CONTAINER", "IMAGE", "PULLED"], pulls.flat())}`);
  }
}

/** The part of an ADR-32 STATS answer that is shown. */
const statsSchema = z.object({
  name: z.string(),
  version: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  endpoints: z.array(z.object({ num_requests: z.number(), num_errors: z.number() })).default([]),
});

/** Every service answers for itself; nobody knows how many there are, so the answers end when none comes for a while. */
async function askServices(connection: NatsConnection): Promise<z.infer<typeof statsSchema>[]> {
  const answers = [];
  const replies = await connection.requestMany("$SRV.STATS", undefined, {
    strategy: "stall",
    stall: 300,
    maxWait: 2_000,
  });
  for await (const reply of replies) answers.push(statsSchema.parse(reply.json()));
  return answers;
}

/** A node that does not answer has a row that says so: the others are of use without it. */
async function pullRows(bus: Bus, node: string): Promise<string[][]> {
  try {
    const { pulls } = await bus.client(PullMonitor, { node }).listPulls({}, { timeoutMs: 2_000 });
    return pulls.map(({ pod, containerName, image, progress }) => {
      return [node, `${pod?.namespace}/${pod?.name}`, containerName, image, pullProgressText(progress)];
    });
  } catch (thrown) {
    return [[node, "", "", "", `unknown: ${toPodbusError(thrown).message}`]];
  }
}

function nodesTable(nodes: readonly Node[], pods: readonly Pod[]): string {
  const rows = nodes.map((node) => {
    const ready = node.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
    const here = pods.filter((pod) => pod.spec.nodeName === node.metadata.name);
    const running = here.filter((pod) => pod.status?.phase === "Running").length;
    return [node.metadata.name ?? "", ready ? "Ready" : "NotReady", `${here.length}`, `${running}`];
  });
  return renderTable(["NODE", "STATUS", "PODS", "RUNNING"], rows);
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
