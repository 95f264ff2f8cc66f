import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Sidecars (init containers with restartPolicy Always) in real containers, as kubectl shows them. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const mounts = [{ name: "shared", mountPath: "/shared" }];
const shell = (name: string, script: string) => ({
  name,
  image: registry.busybox,
  command: ["sh", "-c", script],
  volumeMounts: mounts,
});
/** Serves until it is told to end, and says when that was. */
const server = (name: string) => ({
  ...shell(name, `trap 'echo ${name} ended >> /shared/log; exit 0' TERM; echo up > /shared/${name}; sleep 1000 & wait`),
  restartPolicy: "Always",
  startupProbe: { exec: { command: ["test", "-e", `/shared/${name}`] }, periodSeconds: 1 },
});
const pod = (name: string, spec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { restartPolicy: "Never", volumes: [{ name: "shared", emptyDir: {} }], ...spec },
});

describe("a pod with sidecars", () => {
  it("starts them in order, runs beside them, ends them in reverse and completes", async () => {
    await podbus.apply(
      pod("batch", {
        initContainers: [
          server("first"),
          shell("init", "test -e /shared/first && ! test -e /shared/second"),
          server("second"),
        ],
        containers: [
          // It goes on only when it has been seen to run, and keeps the log alive past its own end.
          shell(
            "main",
            "test -e /shared/second || exit 3; until test -e /shared/go; do sleep 0.1; done; echo main ended >> /shared/log",
          ),
          shell("reader", "until grep -q main /shared/log 2>/dev/null; do sleep 0.1; done; cat /shared/log"),
        ],
      }),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/batch");
    expect(await podbus.kubectlOk("get", "pod", "batch", "--no-headers")).toMatch(/^batch +4\/4 +Running +0 /);
    await podbus.kubectlOk("exec", "batch", "-c", "first", "--", "touch", "/shared/go");
    await podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s", "pod/batch");
    expect(await podbus.kubectlOk("get", "pod", "batch", "--no-headers")).toMatch(/^batch +0\/4 +Completed +0 /);
    const ends = JSON.parse(await podbus.kubectlOk("get", "pod", "batch", "-o", "json")).status;
    const endOf = (name: string) =>
      [...ends.initContainerStatuses, ...ends.containerStatuses].find((s) => s.name === name).state.terminated;
    expect(endOf("second")).toMatchObject({ exitCode: 0, reason: "Completed" });
    const times = ["main", "second", "first"].map((name) => Date.parse(endOf(name).finishedAt));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await podbus.kubectlOk("logs", "batch", "-c", "reader")).toBe("main ended\n");
  });

  it("restarts one that ends, whatever the pod's policy", async () => {
    await podbus.apply(
      pod("restarting", {
        terminationGracePeriodSeconds: 0,
        initContainers: [server("side")],
        containers: [shell("main", "sleep 1000")],
      }),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/restarting");
    // 137 where the container's end ends the command too.
    const { code } = await podbus.kubectl("exec", "restarting", "-c", "side", "--", "sh", "-c", "kill -TERM 1");
    expect([0, 137]).toContain(code);
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("get", "pod", "restarting", "--no-headers")).toMatch(
        /^restarting +2\/2 +Running +1 /,
      ),
    );
    await podbus.kubectlOk("delete", "pod", "restarting");
  });
});
