import { readdir, readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  eventuallyPasses,
  type FaultProxy,
  ofManifests,
  registryError,
  startContainerd,
  startFaultProxy,
  type TestContainerd,
} from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealPuller, startRealPuller } from "./real-puller-fixture.ts";

/** A thousand pulls that fail leave nothing behind: not with us, and not in the runtime. */
const opened = new AsyncDisposableStack();
let proxy: FaultProxy;
let containerd: TestContainerd;
let puller: RealPuller;

beforeAll(async () => {
  proxy = opened.use(await startFaultProxy());
  containerd = opened.use(await startContainerd());
  puller = opened.use(await startRealPuller(containerd));
});
afterAll(() => opened.disposeAsync());

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function openFiles(): Promise<{ readonly ours: number; readonly runtime: number }> {
  const count = async (pid: number) => (await readdir(`/proc/${pid}/fd`)).length;
  return { ours: await count(process.pid), runtime: await count(containerd.pid ?? 0) };
}

/** `heap` without garbage: the one that shows a leak. Resident memory goes up and down by itself. */
async function memoryMb(): Promise<{ readonly heap: number; readonly resident: number; readonly runtime: number }> {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const status = await readFile(`/proc/${containerd.pid}/status`, "utf8");
  return { heap: heapUsed / 1e6, resident: rss / 1e6, runtime: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1e3 };
}

let lastPod = 0;

/** Each of a pod and an image of its own. */
async function failedPulls(count: number): Promise<void> {
  const atOnce = 5;
  for (let done = 0; done < count; done += atOnce) {
    const asked = Array.from({ length: atOnce }, () => {
      const uid = `u-${++lastPod}`;
      return puller.ask({ uid, image: `${proxy.host}/shop/app-${uid}:1` });
    });
    for (const { error } of await Promise.all(asked)) expect(error?.reason).toBe("ErrImagePull");
    proxy.takeRequests();
    puller.events();
  }
}

it("neither files nor memory nor leases nor half-done downloads", { timeout: 60_000 }, async () => {
  const unauthorized = registryError(401, "UNAUTHORIZED", "authentication required");
  // The others are answered 404.
  proxy.inject({
    when: (request) => ofManifests(request) && /[02468].manifests/.test(request.path),
    fault: unauthorized,
  });
  const files = await openFiles();
  await failedPulls(300);
  const before = await memoryMb();
  await failedPulls(1_000);
  // containerd does not reuse a connection of an earlier pull; the server closes each after five idle seconds.
  await eventuallyPasses(async () => expect(await openFiles()).toEqual(files), { timeoutMs: 20_000 });
  const after = await memoryMb();
  expect(after.heap - before.heap).toBeLessThan(5);
  expect(after.resident - before.resident).toBeLessThan(120);
  expect(after.runtime - before.runtime).toBeLessThan(80);
  await eventuallyPasses(async () => expect(await containerd.unfinishedPulls()).toEqual([]));
});
