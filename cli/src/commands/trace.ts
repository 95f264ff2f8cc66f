import type { Bus } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import { PullMonitor, TraceExplorer } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { annotations, type Pod } from "@podbus/kube";
import { waterfall } from "trace-explorer";
import { connectAsAdmin, requireInstance } from "../admin.ts";
import type { TraceRequest } from "../arguments.ts";
import { getJson, readKubeAccess } from "../kube-client.ts";
import { layoutOf } from "../machine/layout.ts";
import { pullProgressText } from "../pull-progress.ts";
import type { Terminal } from "../terminal.ts";

const followMs = 500;

/** Prints the start of a pod as a waterfall; with `follow`, once it is over. */
export async function trace(request: TraceRequest, terminal: Terminal, clock: Clock): Promise<void> {
  const { stateDir, namespace, pod: name, follow } = request;
  const instance = await requireInstance(stateDir);
  const access = await readKubeAccess(layoutOf(stateDir).kubeconfig);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
  const read = () => getJson<Pod>(access, path);
  await using admin = await connectAsAdmin(instance);
  const pod = follow ? await followStart({ read, bus: admin.bus, clock }, terminal) : await read();
  const { spans } = await admin.bus.client(TraceExplorer).getTrace({ traceId: traceIdOf(pod) });
  for (const line of waterfall(spans, { width: terminal.width, color: terminal.color })) terminal.out(line);
}

interface Followed {
  readonly read: () => Promise<Pod>;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** A line whenever one of the pod's pulls has come further, until the pod is Ready or over. */
async function followStart({ read, bus, clock }: Followed, terminal: Terminal): Promise<Pod> {
  const told = new Map<string, string>();
  for (;;) {
    const pod = await read();
    if (hasStarted(pod)) return pod;
    for (const { containerName, line } of await pullLines(bus, pod)) {
      if (told.get(containerName) !== line) terminal.note(line);
      told.set(containerName, line);
    }
    await clock.sleep(followMs);
  }
}

function hasStarted({ status }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
  return ready === true || status?.phase === "Succeeded" || status?.phase === "Failed";
}

async function pullLines(bus: Bus, { metadata, spec }: Pod) {
  if (!spec.nodeName) return [];
  try {
    const { pulls } = await bus.client(PullMonitor, { node: spec.nodeName }).listPulls({}, { timeoutMs: 2_000 });
    return pulls
      .filter(({ pod }) => pod?.uid === metadata.uid)
      .map(({ containerName, image, progress }) => ({
        containerName,
        line: `pull ${containerName}: ${image}: ${pullProgressText(progress)}`,
      }));
  } catch (thrown) {
    // The pod may start all the same.
    return [{ containerName: "", line: `pulls: unknown: ${toPodbusError(thrown).message}` }];
  }
}

/** A W3C traceparent is version-traceid-spanid-flags. */
function traceIdOf(pod: Pod): string {
  const traceId = pod.metadata.annotations?.[annotations.traceparent]?.split("-")[1];
  if (traceId) return traceId;
  throw new PodbusError({ code: "NOT_FOUND", message: `pod "${pod.metadata.name}" has no trace` });
}
