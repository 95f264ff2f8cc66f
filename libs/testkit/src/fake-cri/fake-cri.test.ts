import { FakeClock } from "@podbus/clock";
import {
  type ContainerEventResponse,
  ContainerEventType,
  ContainerState,
  PodSandboxState,
} from "@podbus/contracts/cri";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeCri } from "./fake-cri.ts";

const pod = { metadata: { name: "web", namespace: "default", uid: "u1", attempt: 0 }, labels: { app: "web" } };
const container = { metadata: { name: "main", attempt: 0 }, image: { image: "busybox" }, labels: { c: "main" } };

let clock: FakeClock;
let cri: FakeCri;

beforeEach(() => {
  clock = new FakeClock();
  cri = new FakeCri({ clock });
  cri.addImage("busybox:latest");
});

async function started() {
  const { podSandboxId } = await cri.runtime.runPodSandbox({ config: pod });
  const { containerId } = await cri.runtime.createContainer({ podSandboxId, config: container, sandboxConfig: pod });
  await cri.runtime.startContainer({ containerId });
  return { podSandboxId, containerId };
}

const stateOf = async (containerId: string) => (await cri.runtime.containerStatus({ containerId })).status;

describe("pods", () => {
  test("a started container runs, and its exit is in its status", async () => {
    const { containerId } = await started();
    expect(await stateOf(containerId)).toMatchObject({ state: ContainerState.CONTAINER_RUNNING });
    await clock.step(1000);
    cri.exitContainer(containerId, 3);
    expect(await stateOf(containerId)).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 3,
      reason: "Error",
      finishedAt: BigInt(clock.now()) * 1_000_000n,
    });
  });

  const conflicts = [
    { that: "a sandbox", again: () => cri.runtime.runPodSandbox({ config: pod }) },
    {
      that: "a container",
      again: async () => {
        const podSandboxId = cri.sandboxes[0]?.id ?? "";
        return cri.runtime.createContainer({ podSandboxId, config: container, sandboxConfig: pod });
      },
    },
  ];
  test.each(conflicts)("the name of $that is reserved while it exists", async ({ again }) => {
    await started();
    await expect(again()).rejects.toMatchObject({
      code: "UNKNOWN",
      message: expect.stringContaining("is reserved for"),
    });
  });

  test("a container cannot start twice", async () => {
    const { containerId } = await started();
    await expect(cri.runtime.startContainer({ containerId })).rejects.toMatchObject({ code: "UNKNOWN" });
  });

  test("a container of an absent image cannot be created", async () => {
    const { podSandboxId } = await cri.runtime.runPodSandbox({ config: pod });
    const config = { ...container, image: { image: "absent" } };
    await expect(cri.runtime.createContainer({ podSandboxId, config })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("stopping and removing succeed again and again", async () => {
    const { podSandboxId, containerId } = await started();
    for (const _ of [1, 2]) {
      await cri.runtime.stopContainer({ containerId });
      await cri.runtime.removeContainer({ containerId });
      await cri.runtime.stopPodSandbox({ podSandboxId });
      await cri.runtime.removePodSandbox({ podSandboxId });
    }
    expect(cri.containers).toEqual([]);
    expect(cri.sandboxes).toEqual([]);
  });

  test("lists are filtered by labels and state", async () => {
    await started();
    const running = { state: { state: ContainerState.CONTAINER_RUNNING }, labelSelector: { c: "main" } };
    expect((await cri.runtime.listContainers({ filter: running })).containers).toHaveLength(1);
    expect((await cri.runtime.listContainers({ filter: { labelSelector: { c: "x" } } })).containers).toEqual([]);
    const gone = { state: { state: PodSandboxState.SANDBOX_NOTREADY } };
    expect((await cri.runtime.listPodSandbox({ filter: gone })).items).toEqual([]);
  });

  test("what a status call answered does not change later", async () => {
    const { containerId } = await started();
    const before = await stateOf(containerId);
    cri.exitContainer(containerId, 0);
    expect(before).toMatchObject({ state: ContainerState.CONTAINER_RUNNING });
  });
});

describe("events", () => {
  test("a reader sees the whole life of a pod in order", async () => {
    const stop = new AbortController();
    const seen: ContainerEventResponse[] = [];
    const reading = (async () => {
      for await (const event of cri.runtime.getContainerEvents(stop.signal)) seen.push(event);
    })();
    const { podSandboxId, containerId } = await started();
    cri.exitContainer(containerId, 1);
    await cri.runtime.removePodSandbox({ podSandboxId });
    await clock.step(0);
    stop.abort();
    await reading;
    const { CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT } =
      ContainerEventType;
    expect(seen.map((each) => [each.containerId, each.containerEventType])).toEqual([
      [podSandboxId, CONTAINER_CREATED_EVENT],
      [podSandboxId, CONTAINER_STARTED_EVENT],
      [containerId, CONTAINER_CREATED_EVENT],
      [containerId, CONTAINER_STARTED_EVENT],
      [containerId, CONTAINER_STOPPED_EVENT],
      [podSandboxId, CONTAINER_STOPPED_EVENT],
      [containerId, CONTAINER_DELETED_EVENT],
      [podSandboxId, CONTAINER_DELETED_EVENT],
    ]);
    expect(seen[4]?.containersStatuses[0]).toMatchObject({ exitCode: 1 });
  });

  test("streams break when the runtime goes down, and open again when it is up", async () => {
    const reading = drain(cri.runtime.getContainerEvents());
    cri.down();
    await expect(reading).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(drain(cri.runtime.getContainerEvents())).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(cri.runtime.version({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
    cri.up();
    await expect(cri.runtime.version({})).resolves.toMatchObject({ runtimeName: "containerd" });
  });
});

describe("the script", () => {
  const unavailable = { code: "UNAVAILABLE", message: "down" } as const;

  test("a scripted failure happens as often as said, and does nothing", async () => {
    cri.fail("runPodSandbox", unavailable, { times: 2 });
    await expect(cri.runtime.runPodSandbox({ config: pod })).rejects.toMatchObject(unavailable);
    await expect(cri.runtime.runPodSandbox({ config: pod })).rejects.toMatchObject(unavailable);
    expect(cri.sandboxes).toHaveLength(0);
    await cri.runtime.runPodSandbox({ config: pod });
    expect(cri.callsOf("runPodSandbox")).toHaveLength(3);
  });

  test("an answer can be lost after the work is done", async () => {
    cri.failAfter("runPodSandbox", unavailable);
    await expect(cri.runtime.runPodSandbox({ config: pod })).rejects.toMatchObject(unavailable);
    expect(cri.sandboxes).toHaveLength(1);
  });

  test("a slow call meets its caller's timeout", async () => {
    cri.delay("pullImage", 5000);
    cri.addRemoteImage("registry.test/slow:1");
    const pulling = cri.image.pullImage({ image: { image: "registry.test/slow:1" } }, { timeoutMs: 1000 });
    const outcome = expect(pulling).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await clock.step(1000);
    await outcome;
  });

  test("a slow call ends with its caller's signal", async () => {
    cri.delay("version", 5000);
    const stop = new AbortController();
    const outcome = expect(cri.runtime.version({}, { signal: stop.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    stop.abort();
    await outcome;
  });
});

describe("images", () => {
  test("a pulled image is on the node by every name", async () => {
    const { id, repoDigests } = cri.addRemoteImage("registry.test/app:1");
    await cri.image.pullImage({ image: { image: "registry.test/app:1" } });
    for (const name of [id, "registry.test/app:1", repoDigests[0] ?? ""]) {
      expect((await cri.image.imageStatus({ image: { image: name } })).image?.id).toBe(id);
    }
  });

  const short = ["busybox", "busybox:latest", "library/busybox", "docker.io/library/busybox:latest"];
  test.each(short)("%s is docker.io's busybox:latest", async (name) => {
    expect((await cri.image.imageStatus({ image: { image: name } })).image).toBeDefined();
  });

  test("an unknown image cannot be pulled, and one with credentials only with them", async () => {
    cri.addRemoteImage("registry.test/private:1", { requires: { username: "u", password: "p" } });
    const pull = (image: string, auth = {}) => cri.image.pullImage({ image: { image }, auth });
    await expect(pull("registry.test/none:1")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(pull("registry.test/private:1")).rejects.toMatchObject({ message: expect.stringContaining("401") });
    await expect(pull("registry.test/private:1", { username: "u", password: "p" })).resolves.toBeDefined();
  });
});

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}
