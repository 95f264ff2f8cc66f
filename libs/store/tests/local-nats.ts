import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";

export interface LocalNats extends AsyncDisposable {
  readonly port: number;
  /** `port`: that of a proxy in between. */
  connect(port?: number): Promise<NatsConnection>;
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  start(): Promise<void>;
}

const binary = process.env.PODBUS_TEST_NATS_SERVER ?? "/opt/podbus/bin/nats-server";

export async function startLocalNats(): Promise<LocalNats> {
  const directory = await mkdtemp(join(tmpdir(), "podbus-store-"));
  const port = await freePort();
  const config = join(directory, "nats.conf");
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"\nmax_payload: 8MB\njetstream { store_dir: "${directory}/js", sync_interval: always }\n`,
  );
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(binary, ["-c", config], { stdio: "ignore" });
    await once(child, "spawn");
  };
  const kill = async (signal: "SIGTERM" | "SIGKILL") => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  await start();
  return {
    port,
    start,
    kill,
    connect: (through = port) =>
      connect({
        servers: `127.0.0.1:${through}`,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 20,
        reconnectJitter: 10,
        waitOnFirstConnect: true,
      }),
    async [Symbol.asyncDispose]() {
      await kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
