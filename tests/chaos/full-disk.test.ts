import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** The file systems of volumes and of logs fill up: who fills them is told, others run on, and with room all goes on. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
const mounted: string[] = [];
const run = promisify(execFile);

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  const options = await freshOptions([registry.host]);
  for (const [part, size] of [
    ["pods", "8m"],
    ["logs", "4m"],
  ] as const) {
    const path = join(options.stateDir, part);
    await mkdir(path, { recursive: true });
    await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
    mounted.push(path);
  }
  podbus = await PodbusProcess.start(options);
  await apply("bystander", "exec sleep 1000");
  await ready("bystander");
}, 120_000);
afterAll(async () => {
  // They are below what is removed.
  await podbus?.[Symbol.asyncDispose]().finally(() =>
    Promise.all(mounted.map((path) => run("umount", ["--lazy", path]).catch(() => undefined))),
  );
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const apply = (name: string, script: string) =>
  podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "main",
          image: registry.busybox,
          command: ["sh", "-c", script],
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", emptyDir: {} }],
    },
  });
const ready = (name: string) => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);
const expectBystanderUntouched = async () => {
  const { status } = JSON.parse(await podbus.kubectlOk("get", "pod", "bystander", "-o", "json"));
  expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
  expect((await podbus.kubectlOk("exec", "bystander", "--", "echo", "here")).trim()).toBe("here");
};

describe("a full disk", () => {
  it("of volumes: the writer is told by its system, and others start when there is room", async () => {
    await apply("filler", "dd if=/dev/zero of=/data/fill bs=64k; echo ended with $?; exec sleep 1000");
    await ready("filler");
    await eventuallyPasses(async () => {
      const log = await podbus.kubectlOk("logs", "filler");
      expect(log).toContain("No space left on device");
      expect(log).toContain("ended with 1");
    });
    await apply("late", "exec sleep 1000");
    await eventuallyPasses(
      async () =>
        expect(await podbus.kubectlOk("describe", "pod", "late")).toMatch(
          /Warning .*(ENOSPC|no space left on device)/i,
        ),
      { timeoutMs: 60_000 },
    );
    await expectBystanderUntouched();
    await podbus.kubectlOk("delete", "pod", "filler");
    await ready("late");
    await expectBystanderUntouched();
  }, 180_000);

  it("of logs: containers run on, what was written can be read, and there is more with room", async () => {
    await apply("talker", "yes 0123456789 | head -c 20000000; echo done > /data/done; exec sleep 1000");
    await ready("talker");
    await eventuallyPasses(
      async () => expect((await podbus.kubectlOk("exec", "talker", "--", "cat", "/data/done")).trim()).toBe("done"),
      { timeoutMs: 60_000 },
    );
    expect(await podbus.kubectlOk("logs", "talker", "--tail=1000")).toContain("0123456789\n0123456789\n");
    await expectBystanderUntouched();
    await podbus.kubectlOk("delete", "pod", "talker");
    await apply("after", "echo there is room; exec sleep 1000");
    await ready("after");
    expect(await podbus.kubectlOk("logs", "after")).toBe("there is room\n");
    await expectBystanderUntouched();
  }, 180_000);
});
