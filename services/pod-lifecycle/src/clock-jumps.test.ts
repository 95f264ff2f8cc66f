import { ContainerState } from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { container, pod } from "../tests/fixtures.ts";
import { type Stage, setStage } from "../tests/harness.ts";

/** Someone sets the machine's clock while pods run, wait and end. */
let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const hour = 3_600_000;
const jumps = [
  ["ahead", hour],
  ["back", -hour],
] as const;

const runsOf = (name: string) => stage.cri.containers.filter(({ config }) => config.metadata?.name === name);
const running = (name: string) =>
  runsOf(name).find(({ status }) => status.state === ContainerState.CONTAINER_RUNNING)?.id ?? "";
const status = () => stage.cluster.statusOf("uid-1");
const isReady = () => status()?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;

async function startReady(subject = pod()): Promise<void> {
  await stage.start();
  stage.cluster.put(subject);
  await stage.pass("Ready", isReady);
}

/** How long it takes until it is so, in whole seconds. */
async function secondsUntil(what: string, condition: () => boolean): Promise<number> {
  const beganMs = stage.clock.monotonic();
  await stage.pass(what, condition);
  return Math.round((stage.clock.monotonic() - beganMs) / 1_000);
}

describe.each(jumps)("a clock that is set %s by an hour", (_, jumpMs) => {
  test("changes nothing for a running pod", async () => {
    await startReady(pod({ activeDeadlineSeconds: 120 }));
    stage.clock.jump(jumpMs);
    await stage.clock.step(60_000);
    expect([status()?.phase, runsOf("main").length, isReady()]).toEqual(["Running", 1, true]);
    expect(await secondsUntil("the deadline", () => status()?.phase === "Failed")).toBeCloseTo(60, -1);
  });

  test("changes no crash back-off", async () => {
    await startReady();
    stage.cri.exitContainer(running("main"), 1);
    await stage.pass("the first restart", () => runsOf("main").length === 2 && running("main") !== "");
    stage.cri.exitContainer(running("main"), 1);
    await stage.pass("waiting", () => status()?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff");
    stage.clock.jump(jumpMs);
    // Ten, and as many steps of the clock as our own work took; never an hour more or less.
    const waited = await secondsUntil("the second restart", () => running("main") !== "");
    expect(waited).toBeGreaterThanOrEqual(9);
    expect(waited).toBeLessThan(20);
  });

  test("while the service is away, makes no crash back-off longer", async () => {
    await startReady();
    stage.cri.exitContainer(running("main"), 1);
    await stage.pass("the first restart", () => runsOf("main").length === 2 && running("main") !== "");
    stage.cri.exitContainer(running("main"), 1);
    await stage.pass("waiting", () => status()?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff");
    await stage.stop();
    stage.clock.jump(jumpMs);
    await stage.start();
    expect(await secondsUntil("the second restart", () => running("main") !== "")).toBeLessThan(20);
    expect(status()?.containerStatuses?.[0]?.restartCount).toBeLessThanOrEqual(2);
  });

  test("while the service is away, ends no pod before its deadline and forgets none", async () => {
    await startReady(pod({ activeDeadlineSeconds: 7_200 }));
    await stage.stop();
    stage.clock.jump(jumpMs);
    await stage.start();
    await stage.clock.step(60_000);
    expect([status()?.phase, runsOf("main").length, isReady()]).toEqual(["Running", 1, true]);
    // As the kubelet's, it is counted from the start time that users see, by the clock as it is set now.
    await stage.pass("the deadline", () => status()?.phase === "Failed", 60_000);
  });

  test("changes no back-off of a failed action or pull", async () => {
    await stage.start();
    stage.node.refusals.set("main:1", new PodbusError({ code: "NOT_FOUND", reason: "ErrImagePull", message: "none" }));
    stage.cluster.put(pod());
    await stage.pass("refused", () => stage.node.pulls.length === 1);
    stage.node.refusals.clear();
    stage.clock.jump(jumpMs);
    expect(await secondsUntil("Ready", isReady)).toBeLessThan(30);
  });

  test("changes no grace period, neither of containers nor of the sidecars after them", async () => {
    const sidecar = container("side", { restartPolicy: "Always" });
    await startReady(pod({ initContainers: [sidecar], terminationGracePeriodSeconds: 30 }));
    stage.cri.delay("stopContainer", 10_000, { times: 1 });
    stage.cluster.change("uid-1", (p) => ({
      ...p,
      metadata: { ...p.metadata, deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 },
    }));
    await stage.until("the stop", () => stage.cri.callsOf("stopContainer").length === 1);
    stage.clock.jump(jumpMs);
    await stage.pass("the end", () => stage.cluster.finished.length === 1);
    const timeouts = (stage.cri.callsOf("stopContainer") as { timeout: bigint }[]).map(({ timeout }) =>
      Number(timeout),
    );
    expect(timeouts).toEqual([30, 20]);
  });

  test("keeps the lease alive", async () => {
    await stage.start();
    await stage.until("the first", () => stage.cluster.leases === 1);
    stage.clock.jump(jumpMs);
    await stage.clock.step(30_000);
    expect(stage.cluster.leases).toBe(4);
  });
});
