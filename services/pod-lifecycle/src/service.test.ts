import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProbeKind, Verdict } from "@podbus/contracts";
import { ContainerState, type CreateContainerRequest, type RunPodSandboxRequest } from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { container, pod } from "../tests/fixtures.ts";
import { type Stage, setStage } from "../tests/harness.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const ready = (uid = "uid-1") =>
  stage.cluster.statusOf(uid)?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
const statusOf = (name: string, uid = "uid-1") =>
  stage.cluster.statusOf(uid)?.containerStatuses?.find((c) => c.name === name);
const waitingReason = (name: string) => statusOf(name)?.state?.waiting?.reason;
const runsOf = (name: string) => stage.cri.containers.filter((c) => c.config.metadata?.name === name);
const runningRuns = (name: string) => runsOf(name).filter((c) => c.status.state === ContainerState.CONTAINER_RUNNING);
const calls = (...methods: string[]) => stage.cri.calls.map((c) => c.method).filter((m) => methods.includes(m));

async function startReady(subject: Pod = pod()): Promise<void> {
  await stage.start();
  stage.cluster.put(subject);
  await stage.until("Ready", () => ready(subject.metadata.uid));
}

/** As `startReady`, where something must be waited for. */
async function startReadyInTime(): Promise<void> {
  await stage.start();
  stage.cluster.put(pod());
  await stage.pass("Ready", ready);
}

function deletePod(graceSeconds: number, uid = "uid-1"): void {
  stage.cluster.change(uid, (p) => ({
    ...p,
    metadata: { ...p.metadata, deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: graceSeconds },
  }));
}

describe("a start", () => {
  test("needs no step of the clock, and few calls of the runtime", async () => {
    await startReady();
    expect(calls("runPodSandbox", "createContainer", "startContainer")).toEqual([
      "runPodSandbox",
      "createContainer",
      "startContainer",
    ]);
    expect(calls("listContainers", "listPodSandbox").length).toBeLessThanOrEqual(4);
    expect(calls("containerStatus")).toEqual([]);
  });

  test("ends in the status that Kubernetes shows", async () => {
    await startReady();
    const status = stage.cluster.statusOf("uid-1");
    expect(status).toMatchObject({
      phase: "Running",
      hostIP: "192.0.2.1",
      qosClass: "BestEffort",
      podIP: expect.any(String),
    });
    expect(status?.conditions?.map((c) => [c.type, c.status])).toEqual([
      ["PodReadyToStartContainers", "True"],
      ["Initialized", "True"],
      ["Ready", "True"],
      ["ContainersReady", "True"],
    ]);
    expect(statusOf("main")).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      containerID: expect.stringMatching(/^containerd:\/\//),
      state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
    });
  });

  test("begins with Pending, ContainerCreating", async () => {
    await startReady();
    const [first] = stage.cluster.statuses;
    expect(first?.status.phase).toBe("Pending");
    expect(first?.status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "ContainerCreating" } });
  });

  test("tells what it does in the kubelet's words", async () => {
    await startReady();
    await stage.pass("events", () => stage.events().length >= 2);
    expect(stage.events()).toEqual(["Normal Created Created container main", "Normal Started Started container main"]);
    expect(stage.cluster.events.find(({ kind }) => kind === "Pod")).toMatchObject({
      component: "kubelet",
      fieldPath: "spec.containers{main}",
    });
  });

  test("is one span with its steps below it, in the trace of the request", async () => {
    const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    await startReady(pod({}, { metadata: { annotations: { "podbus.dev/traceparent": traceparent } } }));
    await stage.until("spans", () => stage.spans.spans({ name: "pod start" }).length === 1);
    const edges = new Set(stage.spans.edges("0123456789abcdef0123456789abcdef"));
    for (const step of ["volumes", "sandbox", "pull main", "create main", "start main", "status"]) {
      expect(edges).toContain(`pod-lifecycle:${step} → pod-lifecycle:pod start`);
    }
    expect(edges).toContain("others:ImagePuller.EnsureImage → pod-lifecycle:pull main");
    expect(edges).toContain("others:NodeApi.UpdatePodStatus → pod-lifecycle:status");
  });

  test("runs init containers one after the other, before the app", async () => {
    await stage.start();
    stage.cluster.put(pod({ initContainers: [container("i1"), container("i2")] }));
    await stage.until("i1 runs", () => runningRuns("i1").length === 1);
    expect(stage.cluster.statusOf("uid-1")?.phase).toBe("Pending");
    stage.cri.exitContainer(runsOf("i1")[0]?.id ?? "", 0);
    await stage.until("i2 runs", () => runningRuns("i2").length === 1);
    expect(runsOf("main")).toEqual([]);
    stage.cri.exitContainer(runsOf("i2")[0]?.id ?? "", 0);
    await stage.until("Ready", ready);
  });

  test("puts configMaps, secrets and their keys where the container sees them", async () => {
    const encode = (text: string) => Buffer.from(text).toString("base64");
    stage.cluster.dependencies.set("configmaps/cfg", { metadata: { name: "cfg" }, data: { key: "from-config" } });
    stage.cluster.dependencies.set("secrets/sec", { metadata: { name: "sec" }, data: { token: encode("hush") } });
    const env = [
      { name: "A", valueFrom: { configMapKeyRef: { name: "cfg", key: "key" } } },
      { name: "B", value: "$(A)-$$(A)-$(NOPE)" },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ];
    const volumes = [
      { name: "c", configMap: { name: "cfg" } },
      { name: "s", secret: { secretName: "sec" } },
    ];
    const volumeMounts = [
      { name: "c", mountPath: "/c" },
      { name: "s", mountPath: "/s" },
    ];
    await startReady(
      pod({
        volumes,
        containers: [container("main", { env, envFrom: [{ secretRef: { name: "sec" } }], volumeMounts })],
      }),
    );
    const [{ config } = {}] = stage.cri.callsOf("createContainer") as CreateContainerRequest[];
    const values = Object.fromEntries((config?.envs ?? []).map((e) => [e.key, Buffer.from(e.value).toString()]));
    expect(values).toMatchObject({
      token: "hush",
      A: "from-config",
      B: "from-config-$(A)-$(NOPE)",
      POD_IP: expect.stringMatching(/\d/),
    });
    const path = (target: string) => config?.mounts.find((m) => m.containerPath === target)?.hostPath ?? "";
    expect(await readFile(`${path("/c")}/key`, "utf8")).toBe("from-config");
    expect(await readFile(`${path("/s")}/token`, "utf8")).toBe("hush");
    expect(await readFile(path("/etc/hosts"), "utf8")).toContain("\tweb\n");
  });

  test("a mount is read-only with all below it where its runtime can do that", async () => {
    const mount = { name: "v", mountPath: "/v", readOnly: true, recursiveReadOnly: "IfPossible" };
    const volumes = [{ name: "v", emptyDir: {} }];
    await startReady(pod({ volumes, containers: [container("main", { volumeMounts: [mount] })] }));
    const [created] = stage.cri.callsOf("createContainer") as CreateContainerRequest[];
    expect(created?.config?.mounts[0]).toMatchObject({ containerPath: "/v", recursiveReadOnly: true });
  });

  test("runs with the runtime's default handler without a RuntimeClass", async () => {
    await startReady();
    expect(stage.cri.callsOf("runPodSandbox")).toMatchObject([{ runtimeHandler: "" }]);
  });

  test("runs with the handler of its RuntimeClass; waits for a class that is not there", async () => {
    await stage.start();
    stage.cluster.put(pod({ runtimeClassName: "sandboxed" }));
    await stage.pass("FailedCreatePodSandBox", () => stage.events("FailedCreatePodSandBox").length > 0);
    expect(stage.events("FailedCreatePodSandBox")[0]).toContain("failed to get sandbox runtime: ");
    stage.cluster.dependencies.set("runtimeclasses/sandboxed", { metadata: { name: "sandboxed" }, handler: "kata" });
    await stage.pass("Ready", ready);
    expect(stage.cri.callsOf("runPodSandbox")).toMatchObject([{ runtimeHandler: "kata" }]);
    const [created] = stage.cri.callsOf("createContainer") as CreateContainerRequest[];
    expect(created?.config?.image?.runtimeHandler).toBe("kata");
  });

  test("with users of its own does not run where the runtime makes none", async () => {
    await stage.start();
    stage.cluster.put(pod({ hostUsers: false }));
    await stage.pass("FailedCreatePodSandBox", () => stage.events("FailedCreatePodSandBox").length > 0);
    expect(stage.events("FailedCreatePodSandBox")[0]).toBe(
      "Warning FailedCreatePodSandBox Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    );
    await stage.pass("the sandbox is gone", () => stage.cri.sandboxes.length === 0);
    expect(stage.cri.callsOf("createContainer")).toEqual([]);
  });

  test("follows what a volume shows: a configMap, the pod's labels, a token before it expires", async () => {
    stage.cluster.dependencies.set("configmaps/cfg", { data: { key: "old" } });
    const labelled = { path: "app", fieldRef: { fieldPath: "metadata.labels['app']" } };
    const sources = [
      { configMap: { name: "cfg" } },
      { downwardAPI: { items: [labelled] } },
      { serviceAccountToken: { path: "token", expirationSeconds: 600 } },
    ];
    const subject = pod({ volumes: [{ name: "all", projected: { sources } }] }, { metadata: { labels: { app: "a" } } });
    await startReady(subject);
    const shown = (file: string) => readFileSync(join(stage.runDir, "pods/uid-1/volumes/all", file), "utf8");
    expect(["key", "app", "token"].map(shown)).toEqual(["old", "a", "token 0 for "]);
    stage.cluster.change("uid-1", (p) => ({ ...p, metadata: { ...p.metadata, labels: { app: "b" } } }));
    await stage.until("the new label", () => shown("app") === "b");
    stage.cluster.dependencies.set("configmaps/cfg", { data: { key: "new" } });
    await stage.pass("the new content", () => shown("key") === "new");
    expect(shown("token")).toBe("token 0 for ");
    await stage.pass("the new token", () => shown("token") === "token 1 for ", 60_000);
    expect(runningRuns("main")).toHaveLength(1);
  });

  test("waits for a missing configMap and goes on once it is there", async () => {
    await stage.start();
    stage.cluster.put(pod({ volumes: [{ name: "c", configMap: { name: "cfg" } }] }));
    await stage.pass("FailedMount", () => stage.events("FailedMount").length > 0);
    expect(stage.events("FailedMount")[0]).toBe(
      'Warning FailedMount MountVolume.SetUp failed for volume "c" : configmap "cfg" not found',
    );
    expect(waitingReason("main")).toBe("ContainerCreating");
    stage.cluster.dependencies.set("configmaps/cfg", { metadata: { name: "cfg" }, data: {} });
    await stage.pass("Ready", ready);
  });

  test("a missing key of a variable is CreateContainerConfigError", async () => {
    await stage.start();
    stage.cluster.dependencies.set("configmaps/cfg", { metadata: { name: "cfg" }, data: {} });
    const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "cfg", key: "key" } } }];
    stage.cluster.put(pod({ containers: [container("main", { env })] }));
    await stage.until("the reason", () => waitingReason("main") === "CreateContainerConfigError");
    expect(statusOf("main")?.state?.waiting?.message).toBe("couldn't find key key in ConfigMap default/cfg");
    stage.cluster.dependencies.set("configmaps/cfg", { metadata: { name: "cfg" }, data: { key: "v" } });
    await stage.pass("Ready", ready);
  });
});

describe("images", () => {
  test("a refused image is the waiting reason, and is asked for again", async () => {
    const refusal = new PodbusError({
      code: "NOT_FOUND",
      reason: "ErrImagePull",
      message: "not found",
      retryAfterMs: 10_000,
    });
    stage.node.refusals.set("main:1", refusal);
    await stage.start();
    stage.cluster.put(pod());
    await stage.until("ErrImagePull", () => waitingReason("main") === "ErrImagePull");
    const waiting = {
      code: "UNAVAILABLE",
      reason: "ImagePullBackOff",
      message: "back-off",
      retryAfterMs: 8_000,
    } as const;
    stage.node.refusals.set("main:1", new PodbusError(waiting));
    await stage.pass("ImagePullBackOff", () => waitingReason("main") === "ImagePullBackOff");
    stage.node.refusals.clear();
    const pulls = stage.node.pulls.length;
    await stage.clock.step(5_000);
    expect(stage.node.pulls.length).toBe(pulls);
    await stage.pass("Ready", ready);
  });

  test("an image is asked for at every start of its container", async () => {
    await startReady();
    stage.cri.exitContainer(runningRuns("main")[0]?.id ?? "", 1);
    await stage.pass("run 1", () => runningRuns("main")[0]?.config.metadata?.attempt === 1);
    expect(stage.node.pulls).toEqual(["main:1", "main:1"]);
  });

  test("the second container does not wait for the first one's image", async () => {
    const waiting = { code: "UNAVAILABLE", reason: "ImagePullBackOff", message: "", retryAfterMs: 300_000 } as const;
    stage.node.refusals.set("a:1", new PodbusError(waiting));
    await stage.start();
    stage.cluster.put(pod({ containers: [container("a"), container("b")] }));
    await stage.until("b runs", () => statusOf("b")?.ready === true);
    expect(waitingReason("a")).toBe("ImagePullBackOff");
  });

  test("the pull begins beside the sandbox", async () => {
    const held = Promise.withResolvers<void>();
    stage.cri.before("runPodSandbox", () => held.promise);
    await stage.start();
    stage.cluster.put(pod());
    await stage.until("the pull", () => stage.node.pulls.length === 1);
    expect(stage.cri.containers).toEqual([]);
    held.resolve();
    await stage.until("Ready", ready);
    expect(stage.node.pulls).toEqual(["main:1"]);
  });

  test("a pod deleted while its image is pulled does not wait for it", async () => {
    stage.node.heldPulls.set("main:1", new Promise(() => {}));
    await stage.start();
    stage.cluster.put(pod());
    await stage.until("the pull", () => stage.node.pulls.length === 1 && stage.cri.sandboxes.length === 1);
    deletePod(30);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(stage.cri.sandboxes).toEqual([]);
  });
});

describe("ends and restarts", () => {
  test("a crash restarts at once, then after 10 s, 20 s", async () => {
    await startReady();
    const crash = async (attempt: number) => {
      await stage.pass(`run ${attempt}`, () => runningRuns("main")[0]?.config.metadata?.attempt === attempt, 10);
      const atMs = stage.clock.now();
      stage.cri.exitContainer(runningRuns("main")[0]?.id ?? "", 1);
      return atMs;
    };
    const first = await crash(0);
    const second = await crash(1);
    const third = await crash(2);
    expect(second - first).toBeLessThan(1_000);
    expect(third - second).toBeGreaterThanOrEqual(10_000);
    expect(third - second).toBeLessThan(11_000);
    await stage.until("CrashLoopBackOff", () => waitingReason("main") === "CrashLoopBackOff");
    expect(statusOf("main")?.state?.waiting?.message).toBe(
      "back-off 20s restarting failed container=main pod=web_default(uid-1)",
    );
    expect(statusOf("main")).toMatchObject({
      restartCount: 2,
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
    await stage.pass("the event", () => stage.events("BackOff").length > 0);
    expect(stage.events("BackOff")[0]).toBe(
      "Warning BackOff Back-off restarting failed container main in pod web_default(uid-1)",
    );
  });

  test("the crash back-off survives a restart of the service", async () => {
    await startReady();
    stage.cri.exitContainer(runningRuns("main")[0]?.id ?? "", 1);
    await stage.pass("run 1", () => runningRuns("main")[0]?.config.metadata?.attempt === 1);
    stage.cri.exitContainer(runningRuns("main")[0]?.id ?? "", 1);
    const endedMs = stage.clock.now();
    await stage.stop();
    await stage.start();
    await stage.pass("run 2", () => runningRuns("main")[0]?.config.metadata?.attempt === 2);
    expect(stage.clock.now() - endedMs).toBeGreaterThanOrEqual(10_000);
    await stage.until("the status", () => statusOf("main")?.restartCount === 2 && ready());
  });

  test.each([
    [0, "Succeeded", "PodCompleted"],
    [3, "Failed", "PodFailed"],
  ])("exit code %d with policy Never is %s", async (exitCode, phase, reason) => {
    await startReady(pod({ restartPolicy: "Never" }));
    stage.cri.exitContainer(runsOf("main")[0]?.id ?? "", exitCode);
    await stage.until(phase, () => stage.cluster.statusOf("uid-1")?.phase === phase);
    expect(stage.cluster.statusOf("uid-1")?.conditions?.find((c) => c.type === "Ready")).toMatchObject({
      status: "False",
      reason,
    });
    await stage.until("the sandbox is stopped", () => calls("stopPodSandbox").length > 0);
    expect(runsOf("main").length).toBe(1);
  });

  test("a dead sandbox is replaced, with the containers in it", async () => {
    await startReady();
    stage.cri.killSandbox(stage.cri.sandboxes[0]?.id ?? "");
    await stage.pass("the new one", () => runningRuns("main").some((c) => c.config.metadata?.attempt === 1) && ready());
    expect(stage.events("SandboxChanged")).toEqual([
      "Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.",
    ]);
    expect(stage.cri.sandboxes.filter((s) => s.status.state === 0).length).toBe(1);
  });

  test("the active deadline ends the pod", async () => {
    await startReady(pod({ activeDeadlineSeconds: 60, restartPolicy: "Never" }));
    await stage.clock.step(60_000);
    await stage.pass("Failed", () => stage.cluster.statusOf("uid-1")?.phase === "Failed");
    expect(stage.cluster.statusOf("uid-1")).toMatchObject({
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    await stage.pass("stopped", () => runningRuns("main").length === 0);
  });
});

describe("deletion", () => {
  test("a preStop hook that sleeps holds the stop back, and takes its time from the grace period", async () => {
    const preStop = { sleep: { seconds: 12 } };
    await startReady(pod({ containers: [container("main", { lifecycle: { preStop } })] }));
    deletePod(30);
    await stage.until("the hook", () => stage.events("Killing").length === 1);
    await stage.clock.step(11_999);
    expect(calls("stopContainer")).toEqual([]);
    await stage.pass("the stop", () => calls("stopContainer").length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 18n }]);
    expect(stage.node.hooks).toEqual([]);
  });

  test("preStop, stop, sandbox, final status, object", async () => {
    const preStop = { exec: { command: ["bye"] } };
    await startReady(pod({ containers: [container("main", { lifecycle: { preStop } }), container("b")] }));
    deletePod(30);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(stage.node.hooks.map((h) => h.action?.kind.value)).toEqual([expect.objectContaining({ command: ["bye"] })]);
    expect(calls("stopContainer", "stopPodSandbox", "removePodSandbox")).toEqual([
      "stopContainer",
      "stopContainer",
      "stopPodSandbox",
      "removePodSandbox",
    ]);
    const last = stage.cluster.statuses.at(-1)?.status;
    expect(last).toMatchObject({ phase: "Failed" });
    expect(last?.containerStatuses?.map((c) => c.state?.terminated?.exitCode)).toEqual([143, 143]);
    expect([stage.cri.sandboxes, stage.cri.containers]).toEqual([[], []]);
    expect(stage.events("Killing").sort()).toEqual([
      "Normal Killing Stopping container b",
      "Normal Killing Stopping container main",
    ]);
  });

  test("the hook's time counts against the grace period", async () => {
    stage.node.hook = async () => {
      await stage.clock.sleep(12_000);
      return { succeeded: true };
    };
    const preStop = { exec: { command: ["slow"] } };
    await startReady(pod({ containers: [container("main", { lifecycle: { preStop } })] }));
    deletePod(30);
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    await stage.clock.step(12_000);
    await stage.until("the stop", () => calls("stopContainer").length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 18n }]);
  });

  /** A preStop hook that takes `seconds`, or fails with its call's deadline; a stop that never ends. */
  async function stopSlowly(seconds: number, graceSeconds: number): Promise<void> {
    stage.node.hook = async (_, signal) => {
      await stage.clock.sleep(seconds * 1_000, signal);
      return { succeeded: true };
    };
    const preStop = { exec: { command: ["slow"] } };
    const main = container("main", { lifecycle: { preStop } });
    await startReady(pod({ containers: [main], terminationGracePeriodSeconds: graceSeconds }));
    deletePod(graceSeconds);
  }

  test("a hook of 55 s leaves 5 of 60 s to a container that needs 10: it is killed", async () => {
    await stopSlowly(55, 60);
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    await stage.clock.step(55_000);
    await stage.until("the stop", () => calls("stopContainer").length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 5n }]);
  });

  test("a hook that still runs at the end of the grace period leaves two seconds, once", async () => {
    await stopSlowly(1_000, 30);
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    await stage.clock.step(29_900);
    expect(calls("stopContainer")).toEqual([]);
    await stage.pass("the stop", () => calls("stopContainer").length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 2n }]);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(calls("stopContainer")).toHaveLength(1);
    expect(stage.events("FailedPreStopHook")).toHaveLength(1);
  });

  test("a hook that has run is not run again by a restart during the stop, one that was running is", async () => {
    const hold = Promise.withResolvers<void>();
    stage.cri.before("stopContainer", () => hold.promise);
    const hooked = (name: string) => container(name, { lifecycle: { preStop: { exec: { command: [name] } } } });
    await startReady(pod({ containers: [hooked("quick"), hooked("long")] }));
    stage.node.hook = ({ container: of }) =>
      of?.name === "quick" ? Promise.resolve({ succeeded: true }) : new Promise(() => {});
    deletePod(30);
    await stage.until("a stop", () => calls("stopContainer").length === 1);
    const ran = () => stage.node.hooks.map((h) => h.container?.name).sort();
    expect(ran()).toEqual(["long", "quick"]);
    await stage.stop();
    hold.resolve();
    stage.node.hook = async () => ({ succeeded: true });
    await stage.start();
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(ran()).toEqual(["long", "long", "quick"]);
  });

  test("a container that has ended gets no preStop hook", async () => {
    const preStop = { exec: { command: ["bye"] } };
    const main = container("main", { lifecycle: { preStop } });
    await startReady(pod({ containers: [main, container("b")], restartPolicy: "Never" }));
    stage.cri.exitContainer(runsOf("main")[0]?.id ?? "", 0);
    await stage.until("the end of main", () => statusOf("main")?.state?.terminated !== undefined);
    deletePod(30);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect([stage.node.hooks, calls("stopContainer").length]).toEqual([[], 1]);
  });

  test("grace 0 in the middle of a long stop ends the hook and leaves two seconds", async () => {
    stage.node.hook = (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const preStop = { exec: { command: ["stuck"] } };
    await startReady(pod({ containers: [container("main", { lifecycle: { preStop } })] }));
    deletePod(600);
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    deletePod(0);
    await stage.until("the end", () => stage.cluster.finished.length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 2n }]);
  });

  test("a restart of the service in the middle of a stop begins the whole grace period anew", async () => {
    await startReady();
    stage.cri.delay("stopContainer", 25_000, { times: 1 });
    deletePod(30);
    await stage.until("the stop", () => calls("stopContainer").length === 1);
    await stage.clock.step(10_000);
    await stage.stop();
    await stage.start();
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 30n }, { timeout: 30n }]);
  });

  test("a restart of the runtime in the middle of a stop begins the whole grace period anew", async () => {
    await startReady();
    stage.cri.before("stopContainer", async () => {
      await stage.clock.sleep(10_000);
      throw new PodbusError({ code: "UNAVAILABLE", message: "container runtime is away" });
    });
    deletePod(30);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 30n }, { timeout: 30n }]);
  });

  test("an object that vanished leaves nothing behind", async () => {
    await startReady();
    stage.cluster.remove("uid-1");
    await stage.until("nothing left", () => stage.cri.sandboxes.length === 0);
    expect(stage.cri.callsOf("stopContainer")).toMatchObject([{ timeout: 2n }]);
    expect(stage.cluster.finished).toEqual([]);
  });

  test("what is gone after an outage is killed once the feed has said all", async () => {
    await startReady();
    await stage.stop();
    stage.cluster.pods.clear();
    await stage.start();
    await stage.until("nothing left", () => stage.cri.sandboxes.length === 0 && stage.cri.containers.length === 0);
  });

  test("files of a pod that vanished while nobody looked are removed", async () => {
    await mkdir(join(stage.stateDir, "pods/uid-9/volumes"), { recursive: true });
    await mkdir(join(stage.stateDir, "logs/pods/default_old_uid-9/main"), { recursive: true });
    await stage.start();
    const left = () => [
      ...readdirSync(join(stage.stateDir, "pods")),
      ...readdirSync(join(stage.stateDir, "logs/pods")),
    ];
    await stage.until("nothing left", () => left().length === 0);
  });

  test("is one trace below the request that asked for it", async () => {
    await startReady(
      pod({ containers: [container("main", { lifecycle: { preStop: { exec: { command: ["bye"] } } } })] }),
    );
    const traceparent = "00-fedcba9876543210fedcba9876543210-0123456789abcdef-01";
    stage.cluster.change("uid-1", (p) => ({
      ...p,
      metadata: { ...p.metadata, annotations: { "podbus.dev/deletion-traceparent": traceparent } },
    }));
    deletePod(30);
    await stage.pass("the end", () => stage.spans.spans({ name: "pod stop" }).length === 1);
    const edges = new Set(stage.spans.edges("fedcba9876543210fedcba9876543210"));
    for (const step of ["hook main", "stop main", "sandbox removal", "status"]) {
      expect(edges).toContain(`pod-lifecycle:${step} → pod-lifecycle:pod stop`);
    }
  });

  test("an outage of the feed touches nothing", async () => {
    await startReady();
    stage.hub.stop();
    await stage.clock.step(120_000);
    stage.hub.start();
    await stage.pass("the feed is back", () => stage.cluster.leases > 1);
    expect(calls("stopContainer")).toEqual([]);
    expect(ready()).toBe(true);
  });
});

describe("hooks and probes", () => {
  const lifecycle = { postStart: { exec: { command: ["hello"] } } };

  test("a container is not Running before its postStart hook has returned", async () => {
    const held = Promise.withResolvers<void>();
    stage.node.hook = async () => {
      await held.promise;
      return { succeeded: true };
    };
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { lifecycle }), container("b")] }));
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    expect(waitingReason("main")).toBe("ContainerCreating");
    expect(runsOf("b")).toEqual([]);
    held.resolve();
    await stage.until("Ready", ready);
  });

  test("a failed postStart hook kills the container, which is restarted", async () => {
    stage.node.hook = async () => ({ succeeded: false, message: "exit code 1" });
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { lifecycle })] }));
    await stage.pass("the restart", () => runsOf("main").length === 2);
    expect(stage.events("FailedPostStartHook")[0]).toBe("Warning FailedPostStartHook exit code 1");
  });

  describe("a postStart hook that hangs", () => {
    let given: AbortSignal[];
    beforeEach(async () => {
      given = [];
      stage.node.hook = (_, signal) => {
        given.push(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      };
      await stage.start();
      stage.cluster.put(pod({ containers: [container("main", { lifecycle })] }));
      await stage.until("the hook", () => given.length === 1);
    });

    test("is given up when its container ends, and runs again in the next one", async () => {
      stage.cri.exitContainer(runsOf("main")[0]?.id ?? "", 1);
      await stage.pass("the next one's hook", () => given.length === 2);
      expect(given.map(({ aborted }) => aborted)).toEqual([true, false]);
      expect(stage.events("FailedPostStartHook")).toEqual([]);
    });

    test("does not hold up the pod's deletion", async () => {
      deletePod(30);
      await stage.pass("the end", () => stage.cluster.finished.length === 1);
      expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    });

    test("is not cut off by any time of our own", async () => {
      await stage.clock.step(15 * 60_000);
      expect([given.map(({ aborted }) => aborted), waitingReason("main")]).toEqual([[false], "ContainerCreating"]);
    });
  });

  test("a hook at a port that the container does not have is a failed one", async () => {
    await stage.start();
    const lost = { postStart: { httpGet: { port: "nowhere" } } };
    stage.cluster.put(pod({ containers: [container("main", { lifecycle: lost })] }));
    await stage.pass("the restart", () => runsOf("main").length === 2);
    expect(stage.events("FailedPostStartHook")[0]).toBe(
      "Warning FailedPostStartHook Cannot run handler: couldn't find port: nowhere",
    );
    expect(stage.node.hooks).toEqual([]);
  });

  test("a hook that was running when the service died is run again, one that was done is not", async () => {
    stage.node.hook = () => new Promise(() => {});
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { lifecycle })] }));
    await stage.until("the hook", () => stage.node.hooks.length === 1);
    await stage.stop();
    stage.node.hook = async () => ({ succeeded: true });
    await stage.start();
    await stage.until("Ready", ready);
    expect(stage.node.hooks.length).toBe(2);
    await stage.stop();
    await stage.start();
    await stage.pass("the lease", () => stage.cluster.leases > 2);
    expect([stage.node.hooks.length, runsOf("main").length]).toEqual([2, 1]);
  });

  const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
  const livenessProbe = { exec: { command: ["live"] } };
  const probed = () => pod({ containers: [container("main", { readinessProbe, livenessProbe })] });
  const say = (kind: ProbeKind, verdict: Verdict, message = "") =>
    stage.node.probes.at(-1)?.channel.push({ kind, verdict, changed: true, message });

  test("readiness makes Ready, and its loss unmakes it", async () => {
    await stage.start();
    stage.cluster.put(probed());
    await stage.until("probes", () => stage.node.probes.length === 1);
    await stage.until("Running", () => stage.cluster.statusOf("uid-1")?.phase === "Running");
    expect(ready()).toBe(false);
    expect(stage.cluster.statusOf("uid-1")?.conditions?.find((c) => c.type === "Ready")).toMatchObject({
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    say(ProbeKind.READINESS, Verdict.SUCCESS);
    await stage.until("Ready", ready);
    say(ProbeKind.READINESS, Verdict.FAILURE, "Readiness probe failed: refused");
    await stage.until("not Ready", () => !ready());
    await stage.pass("the event", () => stage.events("Unhealthy").length === 1);
    expect(stage.events("Unhealthy")).toEqual(["Warning Unhealthy Readiness probe failed: refused"]);
  });

  const lost = { tcpSocket: { port: "nowhere" } };
  test("a probe at a port that the container does not have keeps it from being Ready, not from its other probes", async () => {
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { readinessProbe: lost, livenessProbe })] }));
    await stage.until("probes", () => stage.node.probes.length === 1);
    expect(stage.node.probes[0]?.request.probes.map((p) => p.kind)).toEqual([ProbeKind.LIVENESS]);
    await stage.pass("the event", () => stage.events("Unhealthy").length === 1);
    expect(stage.events("Unhealthy")).toEqual(['Warning Unhealthy Readiness probe errored: port "nowhere" not found']);
    expect([statusOf("main")?.started, ready()]).toEqual([true, false]);
  });

  test("a startup probe at a port that the container does not have holds the others off", async () => {
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { startupProbe: lost, readinessProbe, livenessProbe })] }));
    await stage.until("probes", () => stage.node.probes.length === 1);
    expect(stage.node.probes[0]?.request.probes).toEqual([]);
    expect([statusOf("main")?.started, ready()]).toEqual([false, false]);
  });

  test("a failed liveness probe restarts the container", async () => {
    await stage.start();
    stage.cluster.put(probed());
    await stage.until("probes", () => stage.node.probes.length === 1);
    say(ProbeKind.LIVENESS, Verdict.FAILURE, "Liveness probe failed: no");
    await stage.pass("the restart", () => runsOf("main").length === 2);
    expect(stage.events("Killing")).toEqual(["Normal Killing Container main failed liveness probe, will be restarted"]);
  });

  test("neither a lost runner nor a restart of the service flips Ready", async () => {
    await stage.start();
    stage.cluster.put(probed());
    await stage.until("probes", () => stage.node.probes.length === 1);
    say(ProbeKind.READINESS, Verdict.SUCCESS);
    await stage.until("Ready", ready);
    const writes = stage.cluster.statuses.length;
    stage.node.probes.at(-1)?.channel.close();
    await stage.pass("probes again", () => stage.node.probes.length === 2);
    expect(stage.node.probes[1]?.request.probes.map((p) => p.initial)).toEqual([Verdict.SUCCESS, Verdict.UNSPECIFIED]);
    await stage.stop();
    await stage.start();
    await stage.pass("probes again", () => stage.node.probes.length === 3);
    expect(stage.node.probes[2]?.request.probes.map((p) => p.initial)).toEqual([Verdict.SUCCESS, Verdict.UNSPECIFIED]);
    expect(stage.cluster.statuses.slice(writes).filter(({ status }) => !status.containerStatuses?.[0]?.ready)).toEqual(
      [],
    );
  });
});

describe("faults of the runtime", () => {
  const steps = ["runPodSandbox", "createContainer", "startContainer"] as const;

  test.each(steps)("%s fails: tried again", async (method) => {
    stage.cri.fail(method, { code: "UNKNOWN", message: "boom" });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("Ready", ready);
    expect(runningRuns("main").length).toBe(1);
    expect(stage.cri.sandboxes.length).toBe(1);
  });

  test.each(steps)("the answer of %s is lost: what it made is adopted", async (method) => {
    stage.cri.failAfter(method, { code: "DEADLINE_EXCEEDED", message: "late" });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("Ready", ready);
    expect([runsOf("main").length, stage.cri.sandboxes.length]).toEqual([1, 1]);
  });

  test("a name that stays reserved for nothing is given up, and is no restart", async () => {
    const reserved = { code: "UNKNOWN", message: "failed to reserve name" } as const;
    for (const method of ["runPodSandbox", "createContainer"] as const) {
      const ofFirst = (request: { config?: { metadata?: { attempt: number } } }) =>
        request.config?.metadata?.attempt === 0;
      stage.cri.fail(method, reserved, {
        times: Number.POSITIVE_INFINITY,
        when: ofFirst as (request: never) => boolean,
      });
    }
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("Ready", ready);
    expect([runsOf("main").length, stage.cri.sandboxes.length, statusOf("main")?.restartCount]).toEqual([1, 1, 0]);
  });

  test("a call outlives its deadline and keeps its name reserved: what it makes in the end is adopted", async () => {
    const reserved = {
      code: "UNKNOWN",
      message: 'failed to reserve container name "main": is reserved for "x"',
    } as const;
    stage.cri.fail("createContainer", { code: "DEADLINE_EXCEEDED", message: "createContainer: no answer" });
    stage.cri.fail("createContainer", reserved, { times: 1 });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("refused", () => calls("createContainer").length === 2);
    const [first] = stage.cri.callsOf("createContainer") as CreateContainerRequest[];
    if (first) await stage.cri.runtime.createContainer(first);
    await stage.pass("Ready", ready);
    expect([runsOf("main").length, statusOf("main")?.restartCount]).toEqual([1, 0]);
    expect(stage.events("Failed")).toContainEqual(`Warning Failed Error: ${reserved.message}`);
  });

  test("what appears after its name was given up never runs beside the other, and goes with the pod", async () => {
    const reserved = { code: "UNKNOWN", message: "failed to reserve name" } as const;
    stage.cri.fail("createContainer", reserved, { times: 4 });
    await startReadyInTime();
    const [first] = stage.cri.callsOf("createContainer") as CreateContainerRequest[];
    if (first) await stage.cri.runtime.createContainer(first);
    await stage.clock.step(60_000);
    expect([runningRuns("main").length, statusOf("main")?.restartCount, ready()]).toEqual([1, 0, true]);
    deletePod(0);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    await stage.pass("nothing is left", () => stage.cri.containers.length === 0 && stage.cri.sandboxes.length === 0);
  });

  test("a sandbox that appears after its name was given up is removed, and the pod is not disturbed", async () => {
    const reserved = { code: "UNKNOWN", message: "failed to reserve sandbox name" } as const;
    stage.cri.fail("runPodSandbox", reserved, { times: 4 });
    await startReadyInTime();
    expect(stage.events("FailedCreatePodSandBox")[0]).toBe(
      `Warning FailedCreatePodSandBox Failed to create pod sandbox: ${reserved.message}`,
    );
    // There was none before that could have changed.
    expect(stage.events("SandboxChanged")).toEqual([]);
    const [first] = stage.cri.callsOf("runPodSandbox") as RunPodSandboxRequest[];
    if (first) await stage.cri.runtime.runPodSandbox(first);
    await stage.pass("it is gone", () => stage.cri.sandboxes.length === 1);
    expect([runningRuns("main").length, runsOf("main").length, statusOf("main")?.restartCount]).toEqual([1, 1, 0]);
    expect(ready()).toBe(true);
  });

  test.each(steps)("the service dies in %s: the next one goes on", async (method) => {
    const held = Promise.withResolvers<void>();
    stage.cri.before(method, () => held.promise);
    await stage.start();
    stage.cluster.put(pod());
    await stage.until("the call", () => stage.cri.calls.some((c) => c.method === method));
    await stage.stop();
    await stage.start();
    await stage.until("the list", () => calls("listContainers").length >= 2);
    held.resolve();
    await stage.pass("Ready", ready);
    expect(runningRuns("main").length).toBe(1);
    expect(statusOf("main")?.restartCount).toBe(0);
    expect(stage.cri.sandboxes.filter((s) => s.status.state === 0).length).toBe(1);
  });

  test("a start without any events", async () => {
    stage.cri.runtime.getContainerEvents = () => {
      throw new PodbusError({ code: "UNIMPLEMENTED", message: "no events" });
    };
    stage.cri.fail("podSandboxStatus", { code: "UNKNOWN", message: "boom" });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("Ready", ready);
    expect([runsOf("main").length, stage.cri.sandboxes.length]).toEqual([1, 1]);
    stage.cri.exitContainer(runsOf("main")[0]?.id ?? "", 1);
    const endedMs = stage.clock.now();
    await stage.pass("the restart", () => runsOf("main").length === 2);
    expect(stage.clock.now() - endedMs).toBeLessThan(5_000);
  });

  test("the runtime goes away and comes back: nothing is restarted", async () => {
    await startReady();
    stage.cri.down();
    await stage.clock.step(20_000);
    await stage.until("NotReady", () => stage.cluster.nodes.at(-1)?.status?.conditions?.at(-1)?.status === "False");
    stage.cri.up();
    await stage.pass("events again", () => stage.cri.eventReaders === 1);
    await stage.clock.step(20_000);
    expect([runsOf("main").length, ready()]).toEqual([1, true]);
    expect(stage.cluster.nodes.at(-1)?.status?.conditions?.at(-1)).toMatchObject({ type: "Ready", status: "True" });
  });

  test("an exit that no event told of is seen by the list", async () => {
    await startReady();
    stage.cri.breakEventStreams();
    stage.cri.exitContainer(runsOf("main")[0]?.id ?? "", 1);
    await stage.pass("the restart", () => runsOf("main").length === 2);
  });
});

describe("the status", () => {
  test("writes a status again until it is taken", async () => {
    stage.cluster.statusFailure = new PodbusError({ code: "UNAVAILABLE", message: "down" });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("runs", () => runningRuns("main").length === 1);
    stage.cluster.statusFailure = undefined;
    await stage.pass("Ready", ready);
  });
});

describe("variables of Services", () => {
  const web = { namespace: "default", name: "web", clusterIp: "10.96.0.7", ports: [] };
  const hostOf = (name: string) =>
    runsOf(name)[0]
      ?.config.envs.find(({ key }) => key === "WEB_SERVICE_HOST")
      ?.value.toString();

  test("are those of when the container is made", async () => {
    stage.cluster.services.push(web);
    await startReady();
    expect(hostOf("main")).toBe("10.96.0.7");
  });

  test("are waited for, and it is told, while nobody has named any Services yet", async () => {
    stage.cluster.services.push(web);
    stage.cluster.servicesFailure = new PodbusError({ code: "UNAVAILABLE", message: "nobody is there" });
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("refused", () => waitingReason("main") === "CreateContainerConfigError");
    expect(statusOf("main")?.state?.waiting?.message).toBe(
      "services have not yet been read at least once, cannot construct envvars",
    );
    stage.cluster.servicesFailure = undefined;
    await stage.pass("Ready", ready);
    expect(hostOf("main")).toBe("10.96.0.7");
  });
});
