import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, launcher, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Probes and hooks in real containers, as kubectl shows what came of them. */
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

const program = fileURLToPath(new URL("../support/grpc-health-server.ts", import.meta.url));
const asked = (name: string, command: readonly string[], grpc: object) => ({
  name,
  image: registry.busybox,
  command,
  // Node comes with this checkout, which is the container's by its root.
  volumeMounts: [{ name: "machine", mountPath: "/machine", readOnly: true }],
  readinessProbe: { grpc, periodSeconds: 1, timeoutSeconds: 5 },
});

describe("gRPC probes", () => {
  it("tell a healthy service from one that is not, one that is unknown, and a port where nobody listens", async () => {
    const sleep = ["sleep", "1000"];
    await podbus.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "grpc" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          asked("server", ["chroot", "/machine", process.execPath, program], { port: 50_051 }),
          asked("shop", sleep, { port: 50_051, service: "shop" }),
          asked("unknown", sleep, { port: 50_051, service: "unknown" }),
          asked("nobody", sleep, { port: 50_052 }),
        ],
        volumes: [{ name: "machine", hostPath: { path: "/" } }],
      },
    });
    await eventuallyPasses(
      async () => {
        const pod = JSON.parse(await podbus.kubectlOk("get", "pod", "grpc", "-o", "json"));
        const ready = Object.fromEntries(
          pod.status.containerStatuses.map(({ name, ready }: { name: string; ready: boolean }) => [name, ready]),
        );
        expect(ready).toEqual({ server: true, shop: false, unknown: false, nobody: false });
        const events = await podbus.kubectlOk("get", "events", "--field-selector", "reason=Unhealthy", "-o", "yaml");
        for (const message of [
          'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
          "Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
          `Readiness probe failed: error: failed to connect service at "${pod.status.podIP}:50052"`,
        ])
          expect(events.replaceAll(/\n +/g, " ")).toContain(message);
      },
      { timeoutMs: 30_000 },
    );
  });
});

const shell = (name: string, script: string, container: object, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: registry.busybox, command: ["sh", "-c", script], ...container }],
    ...spec,
  },
});
const check = (script: string) => ({ exec: { command: ["sh", "-c", script] } });
const often = { periodSeconds: 1, failureThreshold: 1 };
const statusOf = async (name: string) => {
  const { status } = JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json"));
  return { ...status, main: status.containerStatuses[0] };
};
const eventsOf = async (name: string) => {
  const about = `involvedObject.name=${name}`;
  const { items } = JSON.parse(await podbus.kubectlOk("get", "events", "--field-selector", about, "-o", "json"));
  return items.map(({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`).join("\n");
};

describe("probes", () => {
  it("liveness restarts the container, and says why", async () => {
    await podbus.apply(
      shell("lively", "touch /alive; sleep 1000", { livenessProbe: { ...check("cat /alive"), ...often } }),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/lively");
    expect((await statusOf("lively")).main.restartCount).toBe(0);
    await podbus.kubectlOk("exec", "lively", "--", "rm", "/alive");
    await eventuallyPasses(async () => {
      const { main } = await statusOf("lively");
      expect(main).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 137 } } });
    });
    const events = await eventsOf("lively");
    expect(events).toContain("Unhealthy: Liveness probe failed: cat: can't open '/alive': No such file or directory");
    expect(events).toContain("Killing: Container main failed liveness probe, will be restarted");
  });

  it("readiness decides about Ready, both ways, within one period and without a restart", async () => {
    const periodSeconds = 3;
    const readinessProbe = { ...check("test -e /ready"), periodSeconds, failureThreshold: 1 };
    await podbus.apply(shell("steady", "sleep 1000", { readinessProbe }));
    /** Does what turns the probe, and sees Ready turn: in a period, and a second for kubectl and whoever else uses the machine. */
    const turns = async (command: string, wanted: string) => {
      const turned = podbus.kubectlOk("wait", `--for=condition=Ready=${wanted}`, "--timeout=20s", "pod/steady");
      await podbus.kubectlOk("exec", "steady", "--", command, "/ready");
      const beganMs = performance.now();
      await turned;
      expect(performance.now() - beganMs).toBeLessThan((periodSeconds + 1) * 1_000);
    };
    await eventuallyPasses(async () => expect((await statusOf("steady")).main.started).toBe(true));
    expect((await statusOf("steady")).main.ready).toBe(false);
    await turns("touch", "True");
    await turns("rm", "False");
    const { main, conditions } = await statusOf("steady");
    expect(main).toMatchObject({ restartCount: 0, ready: false, state: { running: {} } });
    expect(conditions).toContainEqual(
      expect.objectContaining({
        type: "ContainersReady",
        status: "False",
        reason: "ContainersNotReady",
        message: "containers with unready status: [main]",
      }),
    );
  });

  it("may be made more often than once a second, by an annotation", async () => {
    const readinessProbe = check("date +%s%N >> /times; test $(wc -l < /times) -ge 5");
    const eager = shell("eager", "sleep 1000", { readinessProbe: { ...readinessProbe, periodSeconds: 60 } });
    const annotation = "podbus.dev/probe-period-milliseconds";
    const annotated = (value: string) => ({
      ...eager,
      metadata: { name: "eager", annotations: { [annotation]: value } },
    });
    await podbus.apply(annotated('{"main":{"readinessProbe":200}}'));
    // The fifth probe would come after four minutes.
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=20s", "pod/eager");
    const input = JSON.stringify(annotated('{"main":{"readinessProbe":1}}'));
    const { code, stderr } = await podbus.kubectlWith({ input }, "apply", "-f", "-");
    expect([code, stderr]).toEqual([1, expect.stringContaining("in milliseconds, 100 at least")]);
  });

  it("are shown as they come by podbus probes", async () => {
    await podbus.apply(shell("shown", "sleep 1000", { readinessProbe: { ...check("cat /ready"), ...often } }));
    await eventuallyPasses(async () => expect(await eventsOf("shown")).toContain("Unhealthy"));
    const child = spawn(launcher, ["probes", "shown", "--state-dir", podbus.options.stateDir]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    const failure =
      /^[\d:.]+Z default\/shown main: readiness \w+ Failure\. Readiness probe failed: cat: can't open '\/ready': No such file or directory \(command "sh -c cat \/ready" took \d+ ms\)$/m;
    await eventuallyPasses(async () => expect(said).toMatch(failure));
    await podbus.kubectlOk("exec", "shown", "--", "touch", "/ready");
    await eventuallyPasses(async () => expect(said).toMatch(/^[\d:.]+Z default\/shown main: readiness is Success\.$/m));
    child.kill("SIGINT");
    await once(child, "close");
    expect(said.split("\n").filter((line) => line !== "" && !line.includes("default/shown"))).toEqual([]);
  });

  it("liveness ends the container within the probe's own grace period, not the pod's", async () => {
    const livenessProbe = { ...check("test -e /alive"), ...often, terminationGracePeriodSeconds: 1 };
    const script = "trap '' TERM; touch /alive; sleep 1000 & wait; wait";
    await podbus.apply(shell("stubborn", script, { livenessProbe }, { terminationGracePeriodSeconds: 600 }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/stubborn");
    await podbus.kubectlOk("exec", "stubborn", "--", "rm", "/alive");
    await eventuallyPasses(async () => expect((await statusOf("stubborn")).main.restartCount).toBe(1), {
      timeoutMs: 20_000,
    });
    await podbus.kubectlOk("delete", "pod", "stubborn", "--grace-period=0", "--force");
  });

  it("startup keeps liveness away from a slow starter, and restarts one that is too slow", async () => {
    const livenessProbe = { ...check("test -e /up"), ...often };
    const startupProbe = { ...check("test -e /up"), periodSeconds: 1 };
    await podbus.apply(
      shell("slow", "sleep 3; touch /up; sleep 1000", {
        livenessProbe,
        startupProbe: { ...startupProbe, failureThreshold: 30 },
      }),
    );
    await podbus.apply(
      shell("too-slow", "sleep 1000", { livenessProbe, startupProbe: { ...startupProbe, failureThreshold: 2 } }),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/slow");
    expect((await statusOf("slow")).main.restartCount).toBe(0);
    await eventuallyPasses(async () =>
      expect(await eventsOf("too-slow")).toContain("Killing: Container main failed startup probe, will be restarted"),
    );
    await eventuallyPasses(async () =>
      expect((await statusOf("too-slow")).main).toMatchObject({ restartCount: expect.any(Number), started: false }),
    );
  });
});

describe("hooks", () => {
  it("a postStart that fails ends the container, again and again", async () => {
    const lifecycle = { postStart: check("echo no database; exit 3") };
    await podbus.apply(shell("hooked", "sleep 1000", { lifecycle }));
    await eventuallyPasses(
      async () =>
        expect((await statusOf("hooked")).main).toMatchObject({
          ready: false,
          state: { waiting: { reason: "CrashLoopBackOff" } },
        }),
      { timeoutMs: 30_000 },
    );
    const events = await eventsOf("hooked");
    expect(events).toMatch(
      /FailedPostStartHook: Exec lifecycle hook \(\[sh -c echo no database; exit 3\]\) for Container "main" in Pod "hooked_default\(.*\)" failed - error: command 'sh -c echo no database; exit 3' exited with 3: , message: "no database\\n"/,
    );
    expect(events).toContain("Killing: FailedPostStartHook");
  });

  it("a postStart that opens a connection works with a port that is open, and fails with one that is closed", async () => {
    const dialled = (name: string, port: string | number) => {
      const lifecycle = { postStart: { tcpSocket: { port } } };
      const ports = [{ name: "web", containerPort: 8080 }];
      return shell(name, "sleep 1000", { lifecycle, ports }, { initContainers: [server] });
    };
    const server = {
      name: "server",
      image: registry.busybox,
      restartPolicy: "Always",
      command: ["httpd", "-f", "-p", "8080"],
      startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    };
    await podbus.apply(dialled("dialling", "web"));
    await podbus.apply(dialled("misdialling", 8081));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/dialling");
    expect(await eventsOf("dialling")).not.toContain("FailedPostStartHook");
    await eventuallyPasses(async () =>
      expect(await eventsOf("misdialling")).toMatch(
        /FailedPostStartHook: TCP lifecycle hook \((\S+:8081)\) for Container "main" in Pod "misdialling_default\(.*\)" failed - error: dial tcp \1: connect: connection refused/,
      ),
    );
    expect((await statusOf("misdialling")).main.ready).toBe(false);
  });

  it("preStop comes first and takes of the grace period, TERM after it", async () => {
    const lifecycle = { preStop: check("echo hook $(date +%s) > /proc/1/fd/1; sleep 1") };
    await podbus.apply(
      shell(
        "leaving",
        "trap 'echo term $(date +%s); exit 0' TERM; echo up; sleep 1000 & wait",
        { lifecycle },
        { terminationGracePeriodSeconds: 20 },
      ),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/leaving");
    const log = podbus.kubectlOk("logs", "-f", "leaving");
    const beganMs = Date.now();
    await podbus.kubectlOk("delete", "pod", "leaving");
    expect(Date.now() - beganMs).toBeLessThan(20_000);
    const [, hook = "", term = ""] = (await log).trim().split("\n");
    const [hookAt, termAt] = [/^hook (\d+)$/.exec(hook)?.[1], /^term (\d+)$/.exec(term)?.[1]].map(Number);
    expect(Number(termAt) - Number(hookAt)).toBeGreaterThanOrEqual(1);
  });

  // The example of Kubernetes (a hook of 55 s and a stop of 10 s in 60 s) by smaller numbers: 4 s and 10 s in 6 s.
  it("a container that needs more than its preStop has left of the grace period is killed", async () => {
    const lifecycle = { preStop: check("echo hook $(date +%s) > /proc/1/fd/1; sleep 4") };
    const script =
      "trap 'echo term $(date +%s); sleep 10; echo saved; exit 0' TERM; echo up; while :; do sleep 0.1; done";
    await podbus.apply(shell("hasty", script, { lifecycle }, { terminationGracePeriodSeconds: 6 }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/hasty");
    const log = podbus.kubectlOk("logs", "-f", "hasty");
    const beganMs = Date.now();
    await podbus.kubectlOk("delete", "pod", "hasty");
    const tookMs = Date.now() - beganMs;
    expect(tookMs).toBeGreaterThan(5_500);
    expect(tookMs).toBeLessThan(10_000);
    const lines = (await log).trim().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["up", "hook", "term"]);
    const [hookAt = 0, termAt = 0] = lines.slice(1).map((line) => Number(line.split(" ")[1]));
    expect(termAt - hookAt).toBeGreaterThanOrEqual(4);
  });

  it("a preStop that hangs is cut off with the grace period, and TERM and KILL still come", async () => {
    const lifecycle = { preStop: check("sleep 1000") };
    await podbus.apply(shell("stuck", "trap '' TERM; sleep 1000 & wait; wait", { lifecycle }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/stuck");
    await podbus.kubectlOk("delete", "pod", "stuck", "--timeout=30s");
    expect(await eventsOf("stuck")).toContain("FailedPreStopHook");
  });
});
