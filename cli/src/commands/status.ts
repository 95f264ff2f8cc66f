import type { NatsConnection } from "@podbus/bus";
import type { Node, Pod } from "@podbus/kube";
import { z } from "zod";
import { connectAsAdmin, requireInstance } from "../admin.ts";
import { getJson, type KubeAccess, readKubeAccess } from "../kube-client.ts";
import { layoutOf } from "../machine/layout.ts";
import { renderTable } from "../render-table.ts";
import type { Terminal } from "../terminal.ts";

/** What runs here: the process, its services as they answer on the bus, nodes and pods. */
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
  terminal.out(await nodesTable(await readKubeAccess(layoutOf(stateDir).kubeconfig)));
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

async function nodesTable(access: KubeAccess): Promise<string> {
  const [nodes, pods] = await Promise.all([
    getJson<{ items: Node[] }>(access, "/api/v1/nodes"),
    getJson<{ items: Pod[] }>(access, "/api/v1/pods"),
  ]);
  const rows = nodes.items.map((node) => {
    const ready = node.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
    const here = pods.items.filter((pod) => pod.spec.nodeName === node.metadata.name);
    const running = here.filter((pod) => pod.status?.phase === "Running").length;
    return [node.metadata.name ?? "", ready ? "Ready" : "NotReady", `${here.length}`, `${running}`];
  });
  return renderTable(["NODE", "STATUS", "PODS", "RUNNING"], rows);
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
