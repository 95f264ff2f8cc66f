import { eventually, eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { type ProcessName, SeparateServices } from "../support/separate-services.ts";

/** Whoever dies, what probes have found is kept: Ready never flips, and probing goes on. */
let registry: RegistryWithBusybox;
let deployment: SeparateServices;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  deployment = await SeparateServices.start([registry.host]);
  await eventuallyPasses(async () => expect(await kubectl("get", "nodes")).toContain(" Ready "), { timeoutMs: 60_000 });
  await apply();
  await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "pod/probed");
}, 180_000);
afterAll(async () => {
  await deployment?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 180_000);

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await deployment.kubectl("", ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Each probe counts its attempts; the startup probe must succeed once only. */
async function apply(): Promise<void> {
  const counted = (name: string, condition: string) => ({
    exec: { command: ["sh", "-c", `echo x >> /${name}; ${condition}`] },
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 1,
  });
  const container = {
    name: "main",
    image: registry.busybox,
    command: ["sleep", "100000"],
    startupProbe: { ...counted("startup", "true"), failureThreshold: 30 },
    readinessProbe: counted("readiness", "true"),
    livenessProbe: { ...counted("liveness", "true"), failureThreshold: 5 },
  };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "probed" },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  };
  const { code, stderr } = await deployment.kubectl(JSON.stringify(pod), "apply", "-f", "-");
  expect(code, stderr).toBe(0);
}

const attempts = async (probe: string) =>
  Number(await kubectl("exec", "probed", "--", "sh", "-c", `wc -l < /${probe}`).catch(() => "0"));

/** What would show that Ready was lost for however short a time. */
async function readiness() {
  const { status } = JSON.parse(await kubectl("get", "pod", "probed", "-o", "json"));
  const [{ ready, started, restartCount, containerID }] = status.containerStatuses;
  const conditions = status.conditions.map(
    (each: { type: string; status: string; lastTransitionTime: string }) =>
      `${each.type} ${each.status} since ${each.lastTransitionTime}`,
  );
  return { ready, started, restartCount, containerID, conditions };
}

it.each<ProcessName>(["probe-runner", "pod-lifecycle", "nats-server"])(
  "%s dies: Ready stays as it was, and the probes go on",
  async (victim) => {
    const before = await readiness();
    expect(before).toMatchObject({ ready: true, started: true, restartCount: 0 });
    // A transition in this second would not show.
    await eventually(() => !before.conditions.join().includes(new Date().toISOString().slice(0, 19)));
    const pid = deployment.pidOf(victim);
    deployment.kill(victim);
    await eventually(() => ![pid, undefined].includes(deployment.pidOf(victim)), { timeoutMs: 30_000 });
    const made = { readiness: await attempts("readiness"), liveness: await attempts("liveness") };
    for (const probe of ["readiness", "liveness"] as const) {
      await eventually(async () => (await attempts(probe)) > made[probe] + 1, { timeoutMs: 60_000 });
    }
    expect(await readiness()).toEqual(before);
    expect(await attempts("startup")).toBe(1);
  },
  180_000,
);
