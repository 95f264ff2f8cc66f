import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBusyboxImage } from "@podbus/images";
import { eventually, eventuallyPasses, freePort } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { processStartedAs } from "../support/processes.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** How pods and containers begin, change and end, as `kubectl` shows it. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
/** On the machine; some containers leave their notes here. */
let directory: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  directory = await mkdtemp(join(tmpdir(), "podbus-pod-life-"));
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 120_000);

const serve = "trap 'exit 0' TERM; sleep 1000 & wait";
const container = (name: string, script: string, more: object = {}) => ({
  name,
  image: registry.busybox,
  command: ["sh", "-c", script],
  ...more,
});

function apply(name: string, spec: object): Promise<void> {
  const given = { terminationGracePeriodSeconds: 0, ...spec };
  return podbus.apply({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: given });
}
const podOf = async (name: string) => JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json"));
const waitFor = (name: string, what: string) =>
  podbus.kubectlOk("wait", `--for=${what}`, "--timeout=60s", `pod/${name}`);
const over = (name: string, phase: string) => waitFor(name, `jsonpath={.status.phase}=${phase}`);

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state: Record<string, Record<string, unknown>>;
  readonly lastState: Record<string, Record<string, unknown>>;
  readonly containerID: string;
  readonly imageID: string;
  readonly ready: boolean;
}

async function statusOf(name: string, container = "main"): Promise<ContainerStatus> {
  const { status } = await podOf(name);
  const found = (status.containerStatuses ?? []).find((each: ContainerStatus) => each.name === container);
  if (!found) throw new Error(`no status of ${container} in ${name}`);
  return found;
}

/** The column STATUS of `kubectl get`. */
async function shown(name: string): Promise<string> {
  return (await podbus.kubectlOk("get", "pod", name, "--no-headers")).split(/ +/)[2] ?? "";
}

const seen = (file: string) => readFile(join(directory, file), "utf8");
const notes = (file: string, text: string) =>
  eventuallyPasses(async () => expect(await seen(file)).toBe(text), { timeoutMs: 20_000 });

/** A pod that notes when it can take signals, and each that it gets; it needs half a second to end. */
function applyNoting(name: string, more: object = {}): Promise<void> {
  const ends = `sleep 0.5; echo ended >> /seen/${name}; exit 0`;
  const traps = ["TERM", "INT"].map((signal) => `trap 'echo ${signal} >> /seen/${name}; ${ends}' ${signal}`);
  const script = `${traps.join("; ")}; echo ready >> /seen/${name}; sleep 1000 & wait`;
  const volumeMounts = [{ name: "seen", mountPath: "/seen" }];
  return apply(name, {
    containers: [container("main", script, { volumeMounts, ...more })],
    volumes: [{ name: "seen", hostPath: { path: directory } }],
  });
}

describe("the end of a container", () => {
  it.each([
    ["Never", "exit 3", "Failed", "Error"],
    ["Never", "exit 0", "Succeeded", "Completed"],
    ["OnFailure", "exit 0", "Succeeded", "Completed"],
  ])("with the policy %s, by %s: %s", async (restartPolicy, script, phase, status) => {
    const name = `${restartPolicy.toLowerCase()}-${script.replace(" ", "-")}`;
    await apply(name, { restartPolicy, containers: [container("main", script)] });
    await over(name, phase);
    expect(await shown(name)).toBe(status);
    const { state, restartCount } = await statusOf(name);
    expect([state.terminated?.reason, state.terminated?.exitCode, restartCount]).toEqual([
      status,
      Number(script.slice(-1)),
      0,
    ]);
  });

  it("with the policy OnFailure, by exit 1 the first time: it runs again, and the pod succeeds", async () => {
    const script = "test -f /data/again && exit 0; touch /data/again; exit 1";
    await apply("second-try", {
      restartPolicy: "OnFailure",
      containers: [container("main", script, { volumeMounts: [{ name: "data", mountPath: "/data" }] })],
      volumes: [{ name: "data", emptyDir: {} }],
    });
    await over("second-try", "Succeeded");
    const { restartCount, lastState } = await statusOf("second-try");
    expect([restartCount, lastState.terminated?.exitCode, lastState.terminated?.reason]).toEqual([1, 1, "Error"]);
  });

  it("by a signal tells its number", async () => {
    await apply("shot", { restartPolicy: "Never", containers: [container("main", "exec sleep 4242")] });
    await waitFor("shot", "condition=Ready");
    process.kill(processStartedAs("sleep 4242"), "SIGKILL");
    await over("shot", "Failed");
    expect((await statusOf("shot")).state.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
  });

  it("again and again is a crash loop: it waits longer each time, and says so", async () => {
    await apply("crashes", { containers: [container("main", "exit 7")] });
    await eventuallyPasses(
      async () => {
        const { state, lastState, restartCount } = await statusOf("crashes");
        expect(state.waiting).toEqual({
          reason: "CrashLoopBackOff",
          message: expect.stringMatching(
            /^back-off 20s restarting failed container=main pod=crashes_default\([0-9a-f-]{36}\)$/,
          ),
        });
        expect([lastState.terminated?.exitCode, restartCount]).toEqual([7, 2]);
      },
      { timeoutMs: 60_000 },
    );
    expect(await shown("crashes")).toBe("CrashLoopBackOff");
    const events = await podbus.kubectlOk("events", "--for", "pod/crashes", "--no-headers");
    expect(events).toMatch(/Warning +BackOff .*Back-off restarting failed container main in pod crashes_default/);
    await podbus.kubectlOk("delete", "pod", "crashes");
  });

  it("a pod that is deleted by force is gone at once, and has two seconds to end", async () => {
    await applyNoting("forced");
    await notes("forced", "ready\n");
    await podbus.kubectlOk("delete", "pod", "forced", "--grace-period=0", "--force");
    expect((await podbus.kubectl("get", "pod", "forced")).stderr).toContain('pods "forced" not found');
    await notes("forced", "ready\nTERM\nended\n");
  });

  it("its image's STOPSIGNAL comes in place of TERM", async () => {
    const image = await registry.push(await buildBusyboxImage({ config: { StopSignal: "SIGINT" } }), "stop-signal:1");
    await applyNoting("signalled", { image: image.name });
    await notes("signalled", "ready\n");
    await podbus.kubectlOk("delete", "pod", "signalled", "--grace-period=10");
    expect(await seen("signalled")).toBe("ready\nINT\nended\n");
  });
});

describe("a container that cannot start says why", () => {
  it("without such a program: RunContainerError, then a crash loop", async () => {
    await apply("no-program", {
      restartPolicy: "Never",
      containers: [{ ...container("main", ""), command: ["/none"] }],
    });
    await over("no-program", "Failed");
    expect((await statusOf("no-program")).state.terminated).toMatchObject({
      reason: "StartError",
      exitCode: 128,
      message: expect.stringContaining("no such file or directory"),
    });
    expect(await podbus.kubectlOk("events", "--for", "pod/no-program", "--no-headers")).toMatch(
      /Warning +Failed .*Error: failed to create containerd task/,
    );
  });

  it("without a key of a ConfigMap: CreateContainerConfigError, until it is there", async () => {
    await podbus.kubectlOk("create", "configmap", "few", "--from-literal=a=1");
    const env = [{ name: "B", valueFrom: { configMapKeyRef: { name: "few", key: "b" } } }];
    await apply("no-key", { containers: [container("main", serve, { env })] });
    await eventuallyPasses(async () =>
      expect((await statusOf("no-key")).state.waiting).toEqual({
        reason: "CreateContainerConfigError",
        message: "couldn't find key b in ConfigMap default/few",
      }),
    );
    await podbus.kubectlOk("patch", "configmap", "few", "-p", '{"data":{"b":"2"}}');
    await waitFor("no-key", "condition=Ready");
  });
});

describe("a pod", () => {
  it("whose image is changed restarts that container alone", async () => {
    await apply("changed", { containers: [container("main", serve), container("other", serve)] });
    await waitFor("changed", "condition=Ready");
    const before = await statusOf("changed", "other");
    await podbus.kubectlOk("set", "image", "pod/changed", `main=${before.imageID}`);
    await eventually(async () => (await statusOf("changed")).restartCount === 1, {
      timeoutMs: 30_000,
      message: "not restarted",
    });
    await waitFor("changed", "condition=Ready");
    expect(await statusOf("changed", "other")).toEqual(before);
    expect(await podbus.kubectlOk("events", "--for", "pod/changed", "--no-headers")).toMatch(
      /Normal +Killing .*Container main definition changed, will be restarted/,
    );
  });

  it("that may live for some seconds only fails after them", async () => {
    await apply("short", { activeDeadlineSeconds: 600, containers: [container("main", serve)] });
    await waitFor("short", "condition=Ready");
    await podbus.kubectlOk("patch", "pod", "short", "-p", '{"spec":{"activeDeadlineSeconds":1}}');
    await over("short", "Failed");
    expect((await podOf("short")).status).toMatchObject({
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    const later = await podbus.kubectl("patch", "pod", "short", "-p", '{"spec":{"activeDeadlineSeconds":900}}');
    expect(later).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("must be less than or equal to previous value"),
    });
  });

  it("with a readiness gate is Ready once somebody says so", async () => {
    const type = "example.com/registered";
    await apply("gated", { readinessGates: [{ conditionType: type }], containers: [container("main", serve)] });
    await waitFor("gated", "condition=ContainersReady");
    const ready = async () =>
      (await podOf("gated")).status.conditions.find((each: { type: string }) => each.type === "Ready");
    expect(await ready()).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: `corresponding condition of pod readiness gate "${type}" does not exist.`,
    });
    const say = (status: string) =>
      podbus.kubectlOk(
        ...["patch", "pod", "gated", "--subresource=status", "-p"],
        JSON.stringify({ status: { conditions: [{ type, status }] } }),
      );
    await say("True");
    await waitFor("gated", "condition=Ready");
    await say("False");
    await waitFor("gated", "condition=Ready=false");
    expect((await statusOf("gated")).restartCount).toBe(0);
  });

  it("is reached by a port of its node", async () => {
    const hostPort = await freePort();
    const page = "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello'";
    await apply("published", {
      containers: [
        container("main", `echo "${page}" > /tmp/page; exec nc -ll -p 8080 -e sh /tmp/page`, {
          ports: [{ containerPort: 8080, hostPort }],
        }),
      ],
    });
    await waitFor("published", "condition=Ready");
    const { hostIP } = (await podOf("published")).status;
    await eventuallyPasses(async () =>
      expect(await (await fetch(`http://${hostIP}:${hostPort}/`)).text()).toBe("hello"),
    );
    await apply("second", {
      containers: [container("main", serve, { ports: [{ containerPort: 8080, hostPort }] })],
    });
    await eventuallyPasses(async () => {
      const { conditions } = (await podOf("second")).status;
      expect(conditions).toContainEqual(
        expect.objectContaining({
          type: "PodScheduled",
          status: "False",
          message: expect.stringContaining("didn't have free ports for the requested pod ports"),
        }),
      );
    });
  });
});

it("pods reach each other by their addresses", async () => {
  const serve = (name: string) =>
    apply(name, {
      containers: [container("main", `mkdir /www && echo ${name} > /www/index.html && httpd -f -h /www -p 8080`)],
    });
  await Promise.all([serve("left"), serve("right")]);
  await Promise.all([waitFor("left", "condition=Ready"), waitFor("right", "condition=Ready")]);
  const addressOf = (name: string) => podbus.kubectlOk("get", "pod", name, "-o", "jsonpath={.status.podIP}");
  const [left, right] = await Promise.all([addressOf("left"), addressOf("right")]);
  expect(left).not.toBe(right);
  const ask = (from: string, address: string) =>
    eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("exec", from, "--", "wget", "-q", "-O", "-", `http://${address}:8080/`)).toBe(
        `${from === "left" ? "right" : "left"}\n`,
      ),
    );
  await ask("left", right);
  await ask("right", left);
});
