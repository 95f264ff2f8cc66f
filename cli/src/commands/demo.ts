import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { requireBinary } from "@podbus/binaries";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { createLogger } from "@podbus/telemetry";
import { parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { layoutOf } from "../machine/layout.ts";
import { pushExampleImage, startRegistry } from "../machine/registry.ts";
import { removeMachineState } from "../machine/remove-machine-state.ts";
import type { Terminal } from "../terminal.ts";
import { trace } from "./trace.ts";

export interface DemoOptions {
  readonly keep: boolean;
  readonly manifest: string | undefined;
}

const repository = resolve(import.meta.dirname, "../../..");
/** What the manifests in examples/ call the registry of the demo. */
const exampleRegistry = "localhost:5000/podbus/busybox:1";

/** From nothing to a Ready pod and back, with everything real: what a user would type, one after the other. */
export async function demo(options: DemoOptions, terminal: Terminal, clock: Clock): Promise<void> {
  const begun = clock.monotonic();
  const step = (text: string) =>
    terminal.out(`\n[${((clock.monotonic() - begun) / 1000).toFixed(1).padStart(5)} s] ${text}`);
  const log = createLogger({ service: "demo", level: "silent" });
  await using cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "podbus-demo-"));
  cleanup.defer(() => rm(dir, { recursive: true, force: true }));

  step("packing an image from Debian's static busybox and pushing it to a local docker-registry");
  const registryPort = await freePort();
  cleanup.use(await startRegistry(join(dir, "registry"), registryPort, { clock, log }));
  const image = await pushExampleImage(registryPort);
  terminal.out(image);

  const stateDir = join(dir, "state");
  step(`podbus up --state-dir ${stateDir}`);
  cleanup.defer(() => removeMachineState(stateDir, { clock, log }));
  const podbus = await startPodbus(stateDir, registryPort, terminal);
  cleanup.defer(() => stop(podbus));
  const kubectl = (input: string, ...args: string[]) =>
    runKubectl(layoutOf(stateDir).kubeconfig, input, args, terminal);

  const manifestFile = options.manifest ?? join(repository, "examples", "hello.yaml");
  const { text, pod, namespace } = await readManifest(manifestFile, image);
  step(`kubectl apply -f ${options.manifest ?? "examples/hello.yaml"}`);
  await kubectl(text, "apply", "-f", "-");
  step(`kubectl wait --for=condition=Ready pod/${pod}`);
  await kubectl("", "wait", "-n", namespace, "--for=condition=Ready", "--timeout=60s", `pod/${pod}`);
  await kubectl("", "get", "-n", namespace, "pod", pod, "-o", "wide");
  step("its events: kubectl get events");
  await kubectl("", "get", "events", "-n", namespace, "--field-selector", `involvedObject.name=${pod}`);
  step(`its log: kubectl logs ${pod}`);
  await kubectl("", "logs", "-n", namespace, pod);
  step(`where its start-up time went: podbus trace ${pod}`);
  await trace({ stateDir, namespace, pod, follow: false }, terminal, clock);

  if (options.keep) {
    step("kept running; Ctrl-C ends it and cleans up. In another terminal:");
    terminal.out(`export KUBECONFIG=${layoutOf(stateDir).kubeconfig}\nkubectl get pods -A`);
    await interrupted();
  }
  step("cleaning up: kubectl delete, podbus down");
  await kubectl(text, "delete", "--ignore-not-found", "-f", "-");
  await stop(podbus);
  await cleanup.disposeAsync();
  step("done");
}

/** Runs kubectl and shows what it prints. */
async function runKubectl(
  kubeconfig: string,
  input: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const child = spawn(requireBinary("kubectl"), ["--kubeconfig", kubeconfig, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stdin.end(input);
  const [code] = await once(child, "close");
  terminal.out(output.trimEnd());
  if (code !== 0) throw new PodbusError({ code: "INTERNAL", message: `kubectl ${args.join(" ")}: exit code ${code}` });
}

async function startPodbus(stateDir: string, registryPort: number, terminal: Terminal): Promise<ChildProcess> {
  const ports = [
    "--api-port",
    `${await freePort()}`,
    "--nats-port",
    `${await freePort()}`,
    "--otlp-port",
    `${await freePort()}`,
  ];
  const child = spawn(
    join(repository, "podbus"),
    [
      ...["up", "--state-dir", stateDir, "--node-name", "demo", "--api-address", "127.0.0.1", ...ports],
      ...["--pod-cidr", "10.87.0.0/16", "--insecure-registry", `127.0.0.1:${registryPort}`],
    ],
    // Its own process group: Ctrl-C ends the demo first, which then stops podbus in order.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const ready = new Promise<void>((done, failed) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      terminal.out(chunk.trimEnd());
      if (chunk.includes("podbus: ready in")) done();
    });
    child.once("exit", () =>
      failed(new PodbusError({ code: "UNAVAILABLE", message: `podbus did not start:\n${said}` })),
    );
  });
  await ready;
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

const podShape = z.object({
  kind: z.literal("Pod"),
  metadata: z.object({ name: z.string(), namespace: z.string().default("default") }),
});

/** The manifest with the demo's image in place of the examples' one, and the pod to show: the last in it. */
async function readManifest(file: string, image: string) {
  const text = (await readFile(file, "utf8")).replaceAll(exampleRegistry, image);
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const pods = objects.map((object) => podShape.safeParse(object)).filter((parsed) => parsed.success);
  const last = pods.at(-1);
  if (!last) throw new PodbusError({ code: "INVALID_ARGUMENT", message: `${file} has no Pod with a name` });
  return {
    text: objects.map((object) => stringify(object)).join("---\n"),
    pod: last.data.metadata.name,
    namespace: last.data.metadata.namespace,
  };
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

const interrupted = () => new Promise<void>((done) => process.once("SIGINT", () => done()));
