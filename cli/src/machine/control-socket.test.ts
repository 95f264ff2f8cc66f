import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askInstance, holdControlSocket, InstanceRunsError, type RunningInstance } from "./control-socket.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "podbus-socket-"));
  path = join(dir, "podbus.sock");
});
afterEach(() => rm(dir, { recursive: true }));

const instance: RunningInstance = {
  pid: 42,
  startedAt: "2026-01-01T00:00:00.000Z",
  stateDir: "/var/lib/podbus",
  nodeName: "n1",
  apiUrl: "https://127.0.0.1:6443",
  natsUrl: "nats://127.0.0.1:4222",
};
const ignore = () => undefined;

describe("the control socket", () => {
  it("tells who holds it", async () => {
    await using _held = await holdControlSocket(path, instance, ignore);
    expect(await askInstance(path)).toEqual(instance);
  });

  it("nobody answers where nobody holds it", async () => {
    expect(await askInstance(path)).toBeUndefined();
  });

  it("is held by one: the second is refused and told by whom", async () => {
    await using _held = await holdControlSocket(path, instance, ignore);
    const second = holdControlSocket(path, { ...instance, pid: 43 }, ignore);
    await expect(second).rejects.toThrow(InstanceRunsError);
    await expect(second).rejects.toThrow(/already runs on \/var\/lib\/podbus \(pid 42/);
  });

  it("what a killed process left behind holds nothing", async () => {
    await writeFile(path, "");
    await using _held = await holdControlSocket(path, instance, ignore);
    expect(await askInstance(path)).toEqual(instance);
  });

  it("can be held again once given up", async () => {
    await (await holdControlSocket(path, instance, ignore))[Symbol.asyncDispose]();
    await using _held = await holdControlSocket(path, { ...instance, pid: 43 }, ignore);
    expect((await askInstance(path))?.pid).toBe(43);
  });
});
