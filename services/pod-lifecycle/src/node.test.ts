import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ContainerState } from "@podbus/contracts/cri";
import type { Node, Pod } from "@podbus/kube";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { container, pod } from "../tests/fixtures.ts";
import { type Stage, setStage } from "../tests/harness.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const statusOf = (uid = "uid-1") => stage.cluster.statusOf(uid);
const isReady = (uid = "uid-1") =>
  statusOf(uid)?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
const wanting = (cpu: string, change: Partial<Pod["metadata"]> = {}, status?: Pod["status"]) =>
  pod(
    { containers: [container("main", { resources: { requests: { cpu } } })] },
    { metadata: change, ...(status ? { status } : {}) },
  );

describe("the node", () => {
  test("registers itself, renews its lease and serves what it is", async () => {
    await stage.start();
    await stage.until("the node", () => stage.cluster.nodes.length === 1);
    expect(stage.cluster.nodes[0]).toMatchObject({
      metadata: { name: "node-1", labels: { "kubernetes.io/hostname": "node-1", "kubernetes.io/os": "linux" } },
      status: {
        capacity: { pods: "110" },
        addresses: [{ type: "InternalIP", address: "192.0.2.1" }, { type: "Hostname" }],
        nodeInfo: { containerRuntimeVersion: "containerd://1.7.24", operatingSystem: "linux" },
      },
    });
    expect(stage.cluster.nodes[0]?.status?.conditions?.map((c) => [c.type, c.status, c.reason])).toEqual([
      ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
      ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
      ["PIDPressure", "False", "KubeletHasSufficientPID"],
      ["Ready", "True", "KubeletReady"],
    ]);
    await stage.pass("leases", () => stage.cluster.leases >= 3);
    expect(stage.cluster.nodes.length).toBe(1);
  });

  test("refuses a pod that does not fit", async () => {
    await stage.start();
    stage.cluster.put(pod({ containers: [container("main", { resources: { requests: { cpu: "100000" } } })] }));
    await stage.until("Failed", () => stage.cluster.statusOf("uid-1")?.phase === "Failed");
    expect(stage.cluster.statusOf("uid-1")).toMatchObject({
      reason: "OutOfcpu",
      message: expect.stringMatching(
        /^Pod was rejected: Node didn't have enough resource: cpu, requested: 100000000, used: 0, capacity: /,
      ),
    });
    expect(stage.cri.sandboxes).toEqual([]);
  });

  test("is reported anew once someone else has changed the Node", async () => {
    await stage.start();
    await stage.until("the node", () => stage.cluster.leases === 1);
    expect(stage.cluster.nodes.length).toBe(1);
    stage.cluster.nodeChanges = 1;
    await stage.pass("a report", () => stage.cluster.nodes.length === 2);
    await stage.pass("leases", () => stage.cluster.leases >= 4);
    expect(stage.cluster.nodes.length).toBe(2);
  });

  test("says that it starts, and what it enforces", async () => {
    await stage.start();
    await stage.pass("events", () => stage.nodeEvents().length >= 3);
    expect(stage.nodeEvents().toSorted()).toEqual([
      "Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods",
      "Normal NodeReady Node node-1 status is now: NodeReady",
      "Normal Starting Starting kubelet.",
    ]);
    expect(stage.cluster.events[0]).toMatchObject({
      kind: "Node",
      name: "node-1",
      uid: "node-1",
      component: "kubelet",
    });
  });

  test("says when the runtime goes away and comes back", async () => {
    await stage.start();
    await stage.pass("ready", () => stage.nodeEvents().some((event) => event.includes("NodeReady")));
    stage.cri.down();
    await stage.pass("not ready", () => stage.nodeEvents().some((event) => event.includes("NodeNotReady")), 1_000);
    expect(stage.cluster.nodes.at(-1)?.status?.conditions?.at(-1)).toMatchObject({
      type: "Ready",
      status: "False",
      reason: "KubeletNotReady",
      message: expect.stringMatching(/^container runtime is down: /),
    });
    stage.cri.up();
    await stage.pass(
      "ready again",
      () => stage.nodeEvents().filter((event) => event.includes("NodeReady")).length === 2,
      1_000,
    );
  });
});

describe("a reboot", () => {
  test("is told, and the pods run again, one restart later", async () => {
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("Ready", isReady);
    await stage.stop();
    for (const { id } of stage.cri.sandboxes) stage.cri.killSandbox(id);
    await writeFile(join(stage.stateDir, "boot-id"), "another");
    await stage.start();
    await stage.pass("a restart", () => isReady() && statusOf()?.containerStatuses?.[0]?.restartCount === 1);
    await stage.pass("the event", () => stage.nodeEvents().some((event) => event.includes("Rebooted")));
    expect(stage.nodeEvents().filter((event) => event.includes("Rebooted"))).toEqual([
      expect.stringMatching(/^Warning Rebooted Node node-1 has been rebooted, boot id: \S+$/),
    ]);
    const running = stage.cri.containers.filter(({ status }) => status.state === ContainerState.CONTAINER_RUNNING);
    expect(running).toHaveLength(1);
  });
});

describe("admission", () => {
  const stored = (change: Partial<Node>): Node => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-1" },
    ...change,
  });
  const cpus = async () => {
    await stage.start();
    await stage.until("the node", () => stage.cluster.nodes.length > 0);
    await stage.stop();
    return Number(stage.cluster.nodes[0]?.status?.allocatable?.cpu);
  };

  test("knows the labels that users gave the Node", async () => {
    stage.cluster.storedNode = stored({ metadata: { name: "node-1", labels: { rack: "r1" } } });
    await stage.start();
    stage.cluster.put(pod({ nodeSelector: { rack: "r1" } }));
    stage.cluster.put(pod({ nodeSelector: { rack: "r2" } }, { metadata: { uid: "uid-2", name: "other" } }));
    await stage.until("one is refused", () => statusOf("uid-2")?.phase === "Failed");
    await stage.pass("the other runs", isReady);
    expect(statusOf("uid-2")).toMatchObject({
      reason: "NodeAffinity",
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    });
  });

  test("knows its own labels before the API has told it any", async () => {
    await stage.start();
    stage.cluster.put(pod({ nodeSelector: { disk: "ssd", "kubernetes.io/os": "linux" } }));
    await stage.pass("it runs", isReady);
  });

  test("lets pods in that have begun, then the oldest, whatever the order of the list", async () => {
    const all = String(await cpus());
    const at = (second: number) => ({ creationTimestamp: `2026-01-01T00:00:0${second}Z` });
    stage.cluster.put(wanting(all, { uid: "young", name: "young", ...at(2) }));
    stage.cluster.put(wanting("1m", { uid: "old", name: "old", ...at(1) }));
    const begun = { phase: "Pending", startTime: "2026-01-01T00:00:03Z" };
    stage.cluster.put(wanting("1m", { uid: "begun", name: "begun", ...at(3) }, begun));
    await stage.start();
    await stage.pass("both run", () => isReady("old") && isReady("begun"));
    await stage.until("refused", () => statusOf("young")?.phase === "Failed");
    expect(statusOf("young")?.message).toMatch(/cpu, requested: \d+, used: 2, capacity/);
  });

  test("counts no pod that went while nobody listened", async () => {
    const all = String(await cpus());
    await stage.start();
    stage.cluster.put(wanting(all, { uid: "first", name: "first" }));
    await stage.pass("it runs", () => isReady("first"));
    stage.cluster.breakFeeds();
    stage.cluster.pods.clear();
    stage.cluster.pods.set("second", wanting(all, { uid: "second", name: "second" }));
    await stage.pass("the next runs", () => isReady("second"));
  });
});

describe("a machine that goes down", () => {
  const failed = (uid = "uid-1") => statusOf(uid)?.phase === "Failed";
  const running = (name: string) =>
    stage.cri.containers.filter(
      ({ config, status }) => config.metadata?.name === name && status.state === ContainerState.CONTAINER_RUNNING,
    ).length;
  const critical = () =>
    pod({ priority: 2_000_000_000, containers: [container("vital")] }, { metadata: { uid: "uid-2", name: "vital" } });

  test("ends the pods, critical ones last, and then may go", async () => {
    await stage.start();
    stage.cluster.put(pod());
    stage.cluster.put(critical());
    await stage.pass("both run", () => isReady() && isReady("uid-2"));
    stage.cri.delay("stopContainer", 5_000, { times: 2 });
    stage.machine.goesDown(true);
    await stage.pass("the first has ended", () => running("main") === 0);
    expect([running("vital"), stage.machine.released]).toEqual([1, 0]);
    await stage.pass("the machine may go", () => stage.machine.released === 1);
    expect([failed(), failed("uid-2"), running("vital")]).toEqual([true, true, 0]);
    expect(statusOf()).toMatchObject({
      reason: "Terminated",
      message: "Pod was terminated in response to imminent node shutdown.",
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet" }),
      ]),
    });
    const stops = stage.cri.callsOf("stopContainer") as { timeout: bigint }[];
    expect(stops.map(({ timeout }) => Number(timeout))).toEqual([20, 10]);
  });

  test("does not wait for a pod longer than it may take", async () => {
    await stage.start();
    stage.cluster.put(pod());
    await stage.pass("it runs", isReady);
    stage.cri.delay("stopContainer", 60_000, { times: 9 });
    stage.machine.goesDown(true);
    await stage.until("Failed", failed);
    await stage.clock.step(19_000);
    expect(stage.machine.released).toBe(0);
    await stage.clock.step(2_000);
    expect(stage.machine.released).toBe(1);
  });

  test("is not ready and takes no pods, until it stays after all", async () => {
    const ready = () => stage.cluster.nodes.at(-1)?.status?.conditions?.find(({ type }) => type === "Ready");
    await stage.start();
    await stage.until("ready", () => ready()?.status === "True");
    stage.machine.goesDown(true);
    await stage.until("not ready", () => ready()?.status === "False");
    expect(ready()).toMatchObject({ reason: "KubeletNotReady", message: "node is shutting down" });
    stage.cluster.put(pod());
    await stage.until("refused", failed);
    expect(statusOf()).toMatchObject({
      reason: "NodeShutdown",
      message: "Pod was rejected: Pod was rejected as the node is shutting down.",
    });
    stage.machine.goesDown(false);
    await stage.until("ready", () => ready()?.status === "True");
    stage.cluster.put(pod({}, { metadata: { uid: "uid-2", name: "next" } }));
    await stage.pass("taken", () => isReady("uid-2"));
    expect(stage.nodeEvents().filter((event) => event.includes("NodeShutdown"))).toEqual([
      "Normal NodeShutdown Shutdown manager detected shutdown event",
      "Normal NodeShutdown Shutdown manager detected shutdown cancellation",
    ]);
  });
});
