import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { ChildServer } from "./child-server.ts";
import { freePort } from "./free-port.ts";

export interface NatsServerOptions {
  /** Where configuration and streams live; kept at dispose. Default: a temporary directory, removed at dispose. */
  readonly dir?: string;
  /** Default: a free one. It stays the same across restarts. */
  readonly port?: number;
  /** More lines for the configuration file: `authorization { … }`. */
  readonly config?: string;
}

export interface TestNatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** A fault: the process is gone when it resolves. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Kills it if it runs, and starts it again on the same port and directory. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it; the directory stays until dispose. */
  stop(): Promise<void>;
}

/** A real nats-server on 127.0.0.1 as podbus runs it: an acknowledged write is on disk, messages up to 8 MB. */
export async function startNats(options: NatsServerOptions = {}): Promise<TestNatsServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "podbus-nats-")));
  await mkdir(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const monitorPort = await freePort();
  const configFile = join(dir, "nats.conf");
  const logFile = join(dir, "nats.log");
  await writeFile(configFile, configText({ port, monitorPort, dir, more: options.config ?? "" }));
  const server = new ChildServer({
    name: "nats-server",
    command: requireBinary("nats-server"),
    args: ["-c", configFile],
    logFile,
    ready: () => isHealthy(monitorPort),
  });
  const handle: TestNatsServer = {
    url: `nats://127.0.0.1:${port}`,
    port,
    dir,
    logFile,
    get pid() {
      return server.pid;
    },
    kill: (signal = "SIGKILL") => server.kill(signal),
    restart: async (signal = "SIGKILL") => {
      await server.kill(signal);
      await server.start();
    },
    stop: () => server.stop(),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
    return handle;
  } catch (error) {
    await handle[Symbol.asyncDispose]();
    throw error;
  }
}

interface ConfigValues {
  readonly port: number;
  readonly monitorPort: number;
  readonly dir: string;
  readonly more: string;
}

function configText({ port, monitorPort, dir, more }: ConfigValues): string {
  return `listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
server_name: "podbus-test-${port}"
max_payload: 8MB
jetstream {
  store_dir: "${join(dir, "jetstream")}"
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: 2GB
}
${more}
`;
}

/** 200 once JetStream has recovered its streams. */
async function isHealthy(monitorPort: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${monitorPort}/healthz`);
  await answer.arrayBuffer();
  return answer.ok;
}
