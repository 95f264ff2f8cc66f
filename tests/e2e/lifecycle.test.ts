import { createServer } from "node:net";
import { resolve } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess, podbusCommand, run, upArguments } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Starting, stopping, starting again: what "podbus up" promises. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  await podbus.kubectlOk("run", "kept", `--image=${registry.busybox}`, "--restart=Always", "--", "sleep", "100000");
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=30s", "pod/kept");
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const identity = () =>
  podbus.kubectlOk(
    "get",
    "pod",
    "kept",
    "-o",
    "jsonpath={.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount} {.status.podIP}",
  );

describe("podbus up", () => {
  it("a second one on the same state directory refuses and names the first", async () => {
    const { code, stderr } = await podbusCommand("up", ...upArguments(podbus.options));
    expect(code).toBe(1);
    expect(stderr).toContain(`podbus already runs on ${podbus.options.stateDir} (pid ${podbus.pid}`);
  });

  it("names a port that is taken, and the option that chooses another", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const options = { ...(await freshOptions()), apiPort: port };
    const { code, stderr } = await podbusCommand("up", ...upArguments(options));
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} (the Kubernetes API) is taken by another process`);
    expect(stderr).toContain("--api-port");
    await podbusCommand("reset", "--state-dir", options.stateDir);
  });

  it("says what is missing on a machine that lacks it", async () => {
    const path = "/nowhere";
    const node = process.execPath;
    const main = resolve(import.meta.dirname, "../../cli/src/main.ts");
    const options = await freshOptions();
    const { code, stderr } = await run(
      "unshare",
      [
        "--mount",
        "sh",
        "-c",
        `mount -t tmpfs none /opt/podbus && PATH=${path} exec ${node} ${main} up --state-dir ${options.stateDir}`,
      ],
      {},
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/this machine lacks what podbus needs:\n/);
    expect(stderr).toMatch(/- nats-server: run "make setup" as root/);
    await podbusCommand("reset", "--state-dir", options.stateDir);
  });

  it("stopped in order, it leaves containers running; started again, it adopts them", async () => {
    const before = await identity();
    const { code, stdout } = await podbus.podbus("down");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("has stopped") });
    expect((await podbus.podbus("status")).stderr).toContain(`podbus does not run on ${podbus.options.stateDir}`);
    await podbus.startAgain();
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("get", "pod", "kept", "--no-headers")).toMatch(/1\/1 +Running +0/),
    );
    expect(await identity()).toBe(before);
    expect(await podbus.kubectlOk("exec", "kept", "--", "echo", "still here")).toBe("still here\n");
  });

  it("killed with SIGKILL, it takes its children along, and the next one adopts the containers", async () => {
    const before = await identity();
    await podbus.stop("SIGKILL");
    await podbus.startAgain();
    expect(await identity()).toBe(before);
    await podbus.kubectlOk("run", "after", `--image=${registry.busybox}`, "--", "sleep", "1000");
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=30s", "pod/after");
  });

  it("status tells services, nodes and pods", async () => {
    const { code, stdout } = await podbus.podbus("status");
    expect(code).toBe(0);
    for (const name of [
      "admission",
      "eviction",
      "hook-runner",
      "image-puller",
      "node-api",
      "pod-api",
      "pod-lifecycle",
      "probe-runner",
      "trace-explorer",
    ]) {
      expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
    }
    expect(stdout).toMatch(/^node-1 +Ready +2 +2$/m);
  });

  it("kubeconfig prints what kubectl needs", async () => {
    const { stdout } = await podbus.podbus("kubeconfig");
    expect(stdout).toContain(`server: https://127.0.0.1:${podbus.options.apiPort}`);
  });
});

describe("each service alone", () => {
  it.each([
    ["api-gateway", { PODBUS_API_ADDRESS: "everywhere" }, /^api-gateway: PODBUS_API_ADDRESS: /m],
    [
      "scheduler-admission",
      { PODBUS_NATS_URL: "localhost" },
      /^scheduler-admission: PODBUS_NATS_URL: must be NATS URLs/m,
    ],
    ["eviction", { PODBUS_NATS_SEED_FILE: "/nowhere" }, /^eviction: PODBUS_NATS_SEED_FILE: cannot read \/nowhere/m],
    [
      "image-puller",
      { PODBUS_NODE_NAME: "Node_1" },
      /^image-puller: PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain/m,
    ],
    ["hook-runner", { PODBUS_NODE_NAME: "" }, /^hook-runner: PODBUS_NODE_NAME: required/m],
    [
      "probe-runner",
      { PODBUS_NODE_NAME: "n", PODBUS_CRI_ENDPOINT: "tcp://x" },
      /^probe-runner: PODBUS_CRI_ENDPOINT: must be a socket/m,
    ],
    ["pod-lifecycle", { PODBUS_NODE_NAME: "n", PODBUS_MAX_PODS: "many" }, /^pod-lifecycle: PODBUS_MAX_PODS: /m],
    ["trace-explorer", { PODBUS_OTLP_ADDRESS: "4318" }, /^trace-explorer: PODBUS_OTLP_ADDRESS: /m],
  ])("%s refuses nonsense in its environment with one message", async (name, env, message) => {
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const main = resolve(import.meta.dirname, "../../services", name, "src/main.ts");
    const { code, stdout, stderr } = await run("env", [...variables, process.execPath, main], {});
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });
});
