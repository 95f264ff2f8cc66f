import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { NatsConnection } from "@nats-io/nats-core";
import { requireBinary } from "@podbus/binaries";
import { connectNats } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { inboxPrefix } from "@podbus/service";
import { createLogger } from "@podbus/telemetry";
import { accepts, freePort } from "@podbus/testkit";
import {
  ensureTmpfs,
  init,
  type Layout,
  layoutOf,
  removeMachineState,
  type SupervisedChild,
  startContainerd,
  startNatsServer,
  superviseChild,
} from "podbus";
import { type CommandResult, run } from "./podbus-process.ts";

const repository = resolve(import.meta.dirname, "../..");

const clusterServices = ["api-gateway", "scheduler-admission", "eviction"] as const;
const nodeServices = ["image-puller", "hook-runner", "probe-runner", "pod-lifecycle"] as const;
export const services = [...clusterServices, ...nodeServices] as const;
export type ProcessName = (typeof services)[number] | "nats-server" | "containerd";
export const processNames: readonly ProcessName[] = [...services, "nats-server", "containerd"];

/** A step that a service says it begins or ends. */
export interface Step {
  readonly service: string;
  readonly step: string;
  readonly phase: "begin" | "end";
  /** "namespace/name" */
  readonly pod: string;
}

const deps = { clock: systemClock, log: createLogger({ service: "tests", level: "silent" }) };
/** The only node. */
export const node = "node-1";

/** Every service in a process of its own, with its own identity on the bus; each is started again when it is killed. */
export class SeparateServices implements AsyncDisposable {
  readonly kubeconfig: string;
  readonly layout: Layout;
  readonly #natsUrl: string;
  readonly #children: ReadonlyMap<ProcessName, SupervisedChild>;
  readonly #listeners: Set<(step: Step) => void>;

  private constructor(
    { layout, natsUrl }: { readonly layout: Layout; readonly natsUrl: string },
    children: ReadonlyMap<ProcessName, SupervisedChild>,
    listeners: Set<(step: Step) => void>,
  ) {
    this.layout = layout;
    this.#natsUrl = natsUrl;
    this.kubeconfig = join(layout.stateDir, "kubeconfig");
    this.#children = children;
    this.#listeners = listeners;
  }

  /** Starts the processes named, by default all of them. */
  static async start(
    insecureRegistries: readonly string[],
    wanted: readonly ProcessName[] = processNames,
  ): Promise<SeparateServices> {
    const layout = layoutOf(await mkdtemp(join(tmpdir(), "podbus-chaos-")));
    const [apiPort, natsPort] = [await freePort(), await freePort()];
    const natsListen = `127.0.0.1:${natsPort}`;
    await ensureTmpfs(layout.runDir);
    await mkdir(layout.logsDir, { recursive: true });
    const apiUrl = `https://127.0.0.1:${apiPort}`;
    const dir = layout.stateDir;
    await init({ dir, nodeNames: [node], apiNames: [], apiUrl, natsListen, natsStoreDir: layout.natsDir }, systemClock);
    const children = new Map<ProcessName, SupervisedChild>();
    const listeners = new Set<(step: Step) => void>();
    await using unlessStarted = new AsyncDisposableStack();
    const instance = unlessStarted.use(
      new SeparateServices({ layout, natsUrl: `nats://${natsListen}` }, children, listeners),
    );
    children.set("nats-server", await startNatsServer(layout, { host: "127.0.0.1", port: natsPort }, deps));
    if (wanted.includes("containerd")) {
      children.set("containerd", await startContainerd(layout, { podCidr: "10.91.0.0/16", insecureRegistries }, deps));
    }
    for (const name of services.filter((each) => wanted.includes(each))) {
      const child = await superviseChild(
        {
          name,
          command: process.execPath,
          args: ["--disable-warning=ExperimentalWarning", join(repository, "services", name, "src/main.ts")],
          env: {
            ...process.env,
            NODE_COMPILE_CACHE: join(tmpdir(), "podbus-compile-cache"),
            PODBUS_NATS_URL: `nats://${natsListen}`,
            PODBUS_NATS_SEED_FILE: join(layout.busDir, seedFile(name)),
            PODBUS_NODE_NAME: isNodeService(name) ? node : "",
            PODBUS_SCHEDULER_IDENTITY: node,
            PODBUS_STATE_DIR: layout.stateDir,
            PODBUS_RUN_DIR: layout.runDir,
            PODBUS_STATIC_POD_PATH: join(layout.stateDir, "manifests"),
            PODBUS_CRI_ENDPOINT: `unix://${layout.containerdSocket}`,
            PODBUS_API_ADDRESS: `127.0.0.1:${apiPort}`,
            PODBUS_API_TLS_CERT: join(layout.pkiDir, "apiserver.crt"),
            PODBUS_API_TLS_KEY: join(layout.pkiDir, "apiserver.key"),
            PODBUS_API_CLIENT_CA: join(layout.pkiDir, "ca.crt"),
            PODBUS_API_SERVICE_ACCOUNT_KEY: join(layout.pkiDir, "service-accounts.key"),
            // Only the gateway reads Secrets.
            PODBUS_ENCRYPTION_CONFIG: name === "api-gateway" ? join(layout.pkiDir, "encryption.yaml") : "",
          },
          pidFile: join(layout.runDir, `${name}.pid`),
          logFile: join(layout.logsDir, `${name}.log`),
          onOutput: stepReader(name, (step) => {
            for (const listener of listeners) listener(step);
          }),
          ready: async (signal) => {
            while (name === "api-gateway" && !signal.aborted && !(await accepts(apiPort))) {
              await systemClock.sleep(20, signal);
            }
          },
        },
        deps,
      );
      children.set(name, child);
    }
    unlessStarted.move();
    return instance;
  }

  pidOf(name: ProcessName): number | undefined {
    return this.#children.get(name)?.pid;
  }

  /** A connection with the identity of a service, which may be one that was not started. */
  async connectToBus(name: (typeof services)[number]): Promise<NatsConnection> {
    const nkeySeed = (await readFile(join(this.layout.busDir, seedFile(name)), "utf8")).trim();
    const prefix = inboxPrefix(name, isNodeService(name) ? node : undefined);
    return connectNats({ servers: this.#natsUrl, name, nkeySeed, inboxPrefix: prefix });
  }

  /** SIGKILL; the supervisor starts it again. */
  kill(name: ProcessName): void {
    const pid = this.pidOf(name);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  }

  /** Calls back at every step until the returned function is called. */
  onStep(listener: (step: Step) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  kubectl(input: string, ...args: string[]): Promise<CommandResult> {
    return run(requireBinary("kubectl"), ["--kubeconfig", this.kubeconfig, ...args], { input });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // First those that say good-bye to the others.
    await this.#stop(services);
    await this.#stop(["nats-server", "containerd"]);
    await removeMachineState(this.layout.stateDir, deps);
  }

  async #stop(names: readonly ProcessName[]): Promise<void> {
    await Promise.all(names.map((name) => this.#children.get(name)?.[Symbol.asyncDispose]()));
  }
}

const isNodeService = (name: string) => (nodeServices as readonly string[]).includes(name);
const seedFile = (name: string) => `${name}${isNodeService(name) ? `.${node}` : ""}.seed`;

/** Services write one JSON object a line; those with a step are steps. */
function stepReader(service: string, onStep: (step: Step) => void): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.includes('"step":')) continue;
      const { step, phase, pod } = JSON.parse(line);
      onStep({ service, step, phase, pod });
    }
  };
}
