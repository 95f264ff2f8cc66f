import { TraceExplorer } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { annotations, type Pod } from "@podbus/kube";
import { waterfall } from "trace-explorer";
import { connectAsAdmin, requireInstance } from "../admin.ts";
import { getJson, readKubeAccess } from "../kube-client.ts";
import { layoutOf } from "../machine/layout.ts";
import type { Terminal } from "../terminal.ts";

export interface TraceRequest {
  readonly stateDir: string;
  readonly namespace: string;
  readonly pod: string;
}

/** Prints the start of a pod as a waterfall. */
export async function trace({ stateDir, namespace, pod }: TraceRequest, terminal: Terminal): Promise<void> {
  const instance = await requireInstance(stateDir);
  const access = await readKubeAccess(layoutOf(stateDir).kubeconfig);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
  const traceId = traceIdOf(await getJson<Pod>(access, path));
  await using admin = await connectAsAdmin(instance);
  const { spans } = await admin.bus.client(TraceExplorer).getTrace({ traceId });
  for (const line of waterfall(spans, { width: terminal.width, color: terminal.color })) terminal.out(line);
}

/** A W3C traceparent is version-traceid-spanid-flags. */
function traceIdOf(pod: Pod): string {
  const traceId = pod.metadata.annotations?.[annotations.traceparent]?.split("-")[1];
  if (traceId) return traceId;
  throw new PodbusError({ code: "NOT_FOUND", message: `pod "${pod.metadata.name}" has no trace` });
}
