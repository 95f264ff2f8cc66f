import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { requireBinary } from "@podbus/binaries";
import type { DockerEngine } from "./docker-engine.ts";

const repository = resolve(import.meta.dirname, "../..");
const project = "podbus";
const registryPort = "15000";

/** The repository's docker-compose.yml on an engine, handled as docs/compose.md says. */
export class ComposeProject {
  /** The node's state on the host. */
  readonly stateDir: string;
  readonly #engine: DockerEngine;
  readonly #kubeconfig: string;

  constructor(engine: DockerEngine) {
    this.#engine = engine;
    this.stateDir = join(engine.dir, "node-state");
    this.#kubeconfig = join(engine.dir, "kubeconfig");
  }

  compose(...args: string[]): Promise<string> {
    const env = {
      COMPOSE_PROJECT_NAME: project,
      PODBUS_API_PORT: "16443",
      PODBUS_REGISTRY_PORT: registryPort,
      PODBUS_NODE_STATE_DIR: this.stateDir,
      PODBUS_CGROUP_ROOT: `${this.#engine.cgroup}/pods`,
    };
    return this.#engine.run("docker-compose", args, { cwd: repository, env });
  }

  async up(): Promise<void> {
    await mkdir(this.stateDir);
    await this.compose("up", "-d");
    await writeFile(
      this.#kubeconfig,
      await this.compose("exec", "-T", "api-gateway", "cat", "/etc/podbus/kubeconfig"),
      { mode: 0o600 },
    );
  }

  kubectl(...args: string[]): Promise<string> {
    return this.#engine.runInNetwork(requireBinary("kubectl"), ["--kubeconfig", this.#kubeconfig, ...args]);
  }

  async apply(object: object): Promise<void> {
    const file = join(this.#engine.dir, "manifest.json");
    await writeFile(file, JSON.stringify(object));
    await this.kubectl("apply", "-f", file);
  }

  /** Into the project's registry by its published port; answers the name by which the node pulls it. */
  async pushBusybox(): Promise<string> {
    const [image, tag] = ["podbus/busybox", "1"];
    const script = join(import.meta.dirname, "push-busybox.ts");
    const registry = `http://127.0.0.1:${registryPort}`;
    const flags = ["--disable-warning=ExperimentalWarning"];
    await this.#engine.runInNetwork(process.execPath, [...flags, script, registry, image, tag]);
    return `registry:5000/${image}:${tag}`;
  }

  /** One per container that runs, the service's name. */
  async runningServices(): Promise<readonly string[]> {
    const services = await this.#containers('{{.Label "com.docker.compose.service"}}');
    return services.sort();
  }

  /** How often the engine had to start a container again. */
  async restartCounts(): Promise<Readonly<Record<string, number>>> {
    const ids = await this.#containers("{{.ID}}");
    const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.RestartCount}}';
    const lines = linesOf(await this.#engine.run("docker", ["inspect", "--format", format, ...ids]));
    return Object.fromEntries(lines.map((line) => line.split(" ")).map(([name, count]) => [name, Number(count)]));
  }

  /** The services whose spans of a trace have reached the trace explorer. */
  async servicesOfTrace(traceId: string): Promise<readonly string[]> {
    const journal = await this.compose("exec", "-T", "trace-explorer", "sh", "-c", "cat /var/lib/podbus/traces/*");
    const spans = linesOf(journal).map((line): { traceId: string; service: string } => JSON.parse(line));
    return [...new Set(spans.filter((span) => span.traceId === traceId).map((span) => span.service))].sort();
  }

  /** Everything that the engine still has of the project, by kind. */
  async leftovers(): Promise<Readonly<Record<string, readonly string[]>>> {
    const mine = ["--quiet", "--filter", `label=com.docker.compose.project=${project}`];
    const docker = async (...args: string[]) => linesOf(await this.#engine.run("docker", args));
    return {
      containers: await docker("ps", "--all", ...mine),
      volumes: await docker("volume", "ls", ...mine),
      networks: await docker("network", "ls", ...mine),
      mounts: await this.#engine.mountsBelow(this.stateDir),
      volumeMounts: await this.#engine.mountsBelow(join(this.#engine.dir, "data", "volumes")),
      podCgroups: await this.#podCgroups(),
    };
  }

  /** Those of the two classes stay, as the kubelet's do: they are the node's. */
  async #podCgroups(): Promise<string[]> {
    const classes = ["burstable", "besteffort"];
    const places = ["pods", ...classes.map((name) => `pods/${name}`)];
    const found = await Promise.all(places.map((place) => this.#engine.cgroupsBelow(place)));
    return found.flat().filter((name) => !classes.includes(name));
  }

  /** What the services said, and containerd, which writes to a file. */
  async logs(): Promise<string> {
    const ps = await this.compose("ps", "--all").catch(String);
    const services = await this.compose("logs", "--no-color", "--tail=60").catch(String);
    const containerd = await readFile(join(this.stateDir, "logs", "containerd.log"), "utf8").catch(String);
    return [ps, services, "containerd.log:", ...containerd.split("\n").slice(-60)].join("\n");
  }

  async #containers(format: string): Promise<string[]> {
    const filter = `label=com.docker.compose.project=${project}`;
    return linesOf(await this.#engine.run("docker", ["ps", "--filter", filter, "--format", format]));
  }
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
