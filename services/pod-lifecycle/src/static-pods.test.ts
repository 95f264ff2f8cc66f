import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Stage, setStage } from "../tests/harness.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
  await mkdir(stage.manifests);
});
afterEach(() => stage[Symbol.asyncDispose]());

const manifest = (image = "busybox:1", spec = "") => `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  terminationGracePeriodSeconds: 5
  containers: [{ name: main, image: "${image}" }]
${spec}
`;
const write = (text: string, name = "web.yaml") => writeFile(join(stage.manifests, name), text);
const mirrors = () => [...stage.cluster.pods.values()];
const mirror = (): Pod | undefined => mirrors()[0];
const isReady = () => mirror()?.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
const hereOf = (pod: Pod | undefined) => pod?.metadata.annotations?.["kubernetes.io/config.mirror"];
const running = () => stage.cri.containers.filter(({ status }) => status.finishedAt === 0n);

async function startReady(): Promise<void> {
  await write(manifest());
  await stage.start();
  await stage.pass("Ready", isReady);
}

describe("a static pod", () => {
  test("runs, and the API is shown a mirror with its status", async () => {
    await startReady();
    expect(mirror()).toMatchObject({
      metadata: { name: expect.stringMatching(/^web-/), namespace: "default" },
      status: { phase: "Running", containerStatuses: [{ name: "main", ready: true }] },
    });
    expect(stage.cri.containers).toHaveLength(1);
    expect(stage.cri.containers[0]?.config.labels).toMatchObject({ "io.kubernetes.pod.uid": hereOf(mirror()) });
  });

  test("that crashes is started again by its node, whoever is away", async () => {
    await startReady();
    stage.cluster.statusFailure = new PodbusError({ code: "UNAVAILABLE", message: "nobody is there" });
    stage.cri.exitContainer(stage.cri.containers[0]?.id ?? "", 1);
    await stage.pass("the restart", () => stage.cri.containers.length === 2 && running().length === 1);
  });

  test("whose mirror someone deletes goes on, and is shown again", async () => {
    await startReady();
    const { uid = "" } = mirror()?.metadata ?? {};
    stage.cluster.change(uid, (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 },
    }));
    await stage.pass("shown again", () => mirror() !== undefined && mirror()?.metadata.uid !== uid && isReady());
    expect(stage.cri.containers).toHaveLength(1);
    expect(running()).toHaveLength(1);
  });

  test("ends with its grace period when its manifest goes, and its mirror after it", async () => {
    await startReady();
    await rm(join(stage.manifests, "web.yaml"));
    await stage.pass("gone", () => mirrors().length === 0, 1_000);
    expect(stage.cri.calls.find(({ method }) => method === "stopContainer")?.request).toMatchObject({ timeout: 5n });
    expect(stage.cri.containers).toHaveLength(0);
  });

  test("of another content takes the place of the old one when that is gone", async () => {
    await startReady();
    const before = hereOf(mirror());
    await write(manifest("busybox:2"));
    await stage.pass("replaced", () => hereOf(mirror()) !== before && isReady(), 1_000);
    expect(running()).toHaveLength(1);
    expect(running()[0]?.config.image?.userSpecifiedImage).toBe("busybox:2");
  });

  test("is taken up as it is after a restart", async () => {
    await startReady();
    const { uid } = mirror()?.metadata ?? {};
    await stage.stop();
    await stage.start();
    await stage.pass("told", () => stage.cluster.statuses.length > 0);
    expect(mirror()?.metadata.uid).toBe(uid);
    expect(isReady()).toBe(true);
    expect(stage.cri.containers).toHaveLength(1);
  });

  test("whose manifest went while nobody looked ends with its grace period", async () => {
    await startReady();
    await stage.stop();
    await rm(join(stage.manifests, "web.yaml"));
    await stage.start();
    await stage.pass("gone", () => mirrors().length === 0, 1_000);
    expect(stage.cri.calls.find(({ method }) => method === "stopContainer")?.request).toMatchObject({ timeout: 5n });
  });

  test("stays while its manifest makes no sense, and the node says what is wrong", async () => {
    await startReady();
    await write("kind: [");
    await stage.pass("told", () => stage.nodeEvents().some((line) => line.includes("InvalidStaticPod")), 1_000);
    expect(running()).toHaveLength(1);
    await write(manifest("busybox:3"));
    await stage.pass("replaced", () => running()[0]?.config.image?.userSpecifiedImage === "busybox:3", 1_000);
  });

  test("starts where image-puller and API are away, from an image that is there", async () => {
    const away = new PodbusError({ code: "UNAVAILABLE", message: "nobody is there" });
    stage.node.refusals.set("busybox:1", away);
    stage.cluster.statusFailure = away;
    stage.cri.addImage("busybox:1");
    await write(manifest());
    await stage.start();
    await stage.pass("runs", () => running().length === 1, 1_000);
    stage.cluster.statusFailure = undefined;
    await stage.pass("Ready is told", isReady, 1_000);
  });
});

test("a mirror that shows nothing is removed", async () => {
  const metadata = {
    name: "old-node-1",
    namespace: "default",
    uid: "u",
    annotations: { "kubernetes.io/config.mirror": "x" },
  };
  stage.cluster.put({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "main", image: "a" }] } });
  await stage.start();
  await stage.pass("removed", () => mirrors().length === 0);
  expect(stage.cri.calls.filter(({ method }) => method === "runPodSandbox")).toEqual([]);
});
