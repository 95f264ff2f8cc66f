import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import type { Layout } from "./layout.ts";
import { type SupervisedChild, type SupervisorDeps, superviseChild } from "./supervised-child.ts";
import { ensureTmpfs } from "./tmpfs.ts";

/** Runs nats-server on the configuration in `layout.natsConfig`; resolves when it greets a client. */
export async function startNatsServer(
  layout: Layout,
  address: { readonly host: string; readonly port: number },
  deps: SupervisorDeps,
): Promise<SupervisedChild> {
  await ensureTmpfs(layout.runDir);
  await Promise.all([layout.natsDir, layout.logsDir].map((dir) => mkdir(dir, { recursive: true, mode: 0o700 })));
  return superviseChild(
    {
      name: "nats-server",
      command: requireBinary("nats-server"),
      args: ["--config", layout.natsConfig],
      pidFile: join(layout.runDir, "nats-server.pid"),
      logFile: join(layout.logsDir, "nats-server.log"),
      ready: (signal) => greeted(address, signal, deps),
    },
    deps,
  );
}

/** The server sends INFO to each client as soon as it serves. */
async function greeted(
  address: { host: string; port: number },
  signal: AbortSignal,
  deps: SupervisorDeps,
): Promise<void> {
  while (!signal.aborted) {
    if (await greetsOnce(address)) return;
    await deps.clock.sleep(20, signal);
  }
}

function greetsOnce({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").startsWith("INFO "));
    });
    socket.once("error", () => resolve(false));
  });
}
