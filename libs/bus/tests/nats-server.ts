import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { requireBinary } from "@podbus/binaries";

export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** A real nats-server on a free port that stays the same when it is killed and started again. */
export async function startNatsServer(config = ""): Promise<NatsServer> {
  const binary = requireBinary("nats-server");
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), "podbus-bus-"));
  const file = join(dir, "nats.conf");
  await writeFile(file, `listen: "127.0.0.1:${port}"\nmax_payload: 8MB\n${config}`);
  let child: ChildProcess | undefined;
  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    start: async () => {
      child = spawn(binary, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
      if (!child.stderr) throw new Error("no standard error to read");
      await untilReady(child.stderr);
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      await server.kill();
      await rm(dir, { recursive: true });
    },
  };
  await server.start();
  return server;
}

async function untilReady(log: Readable): Promise<void> {
  const lines = createInterface({ input: log });
  const read: string[] = [];
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      read.push(line);
      if (line.includes("Server is ready")) resolve();
    });
    lines.on("close", () => reject(new Error(`nats-server ended: ${read.join("\n")}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
