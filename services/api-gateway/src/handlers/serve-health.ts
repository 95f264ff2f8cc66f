import { statusPathNotFound } from "@podbus/kube";
import { type Reply, textReply } from "../http/reply.ts";
import type { GatewayPorts } from "../ports.ts";

/** /livez: the process answers. /healthz and /readyz: it also has its store. */
export async function serveHealth(ports: Pick<GatewayPorts, "store">, path: string): Promise<Reply> {
  const [root, check, ...more] = path.split("/").filter((part) => part !== "");
  if (more.length > 0 || (check !== undefined && check !== "store" && check !== "ping")) throw statusPathNotFound();
  if (root === "livez" || check === "ping") return textReply("ok");
  try {
    await ports.store.latestRevision();
    return textReply("ok");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return textReply(`[-]store failed: ${why}\n${root} check failed\n`, 500);
  }
}
