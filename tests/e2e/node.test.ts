import { eventuallyPasses, hasDbus, PrivateBus } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rebootUnder } from "../support/machine-reboot.ts";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What a node says of itself, whom it lets in, and how it ends its pods before the machine goes down. */
let registry: RegistryWithBusybox;
let bus: PrivateBus | undefined;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  bus = hasDbus ? await PrivateBus.start() : undefined;
  const env = {
    PODBUS_NODE_LABELS: "disk=ssd",
    PODBUS_KUBE_RESERVED: "cpu=250m",
    PODBUS_SYSTEM_RESERVED: "memory=256Mi",
    ...(bus ? { PODBUS_SHUTDOWN_GRACE_PERIOD: "5s", DBUS_SYSTEM_BUS_ADDRESS: bus.address } : {}),
  };
  podbus = await PodbusProcess.start({ ...(await freshOptions([registry.host])), env });
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await bus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const jsonOf = async (...args: string[]) => JSON.parse(await podbus.kubectlOk("get", ...args, "-o", "json"));
/** Bound by its author, as a pod that never met the scheduler. */
const bound = (name: string, spec: object = {}, container: object = {}) =>
  podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeName: "node-1",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: registry.busybox, command: ["sleep", "1000"], ...container }],
      ...spec,
    },
  });
const ready = (...names: string[]) =>
  podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", ...names.map((name) => `pod/${name}`));

it("a node keeps back what is reserved, has its labels, and tells of its start", async () => {
  // Its own report follows within one heartbeat.
  await podbus.kubectlOk(
    ...["patch", "node", "node-1", "--subresource=status", "--type=merge"],
    ...["-p", '{"status":{"capacity":{"example.com/dongle":"1"}}}'],
  );
  const { metadata, status } = await jsonOf("node", "node-1");
  expect(metadata.labels).toMatchObject({ disk: "ssd", "kubernetes.io/os": "linux" });
  expect(status.allocatable.cpu).toBe(`${Number(status.capacity.cpu) * 1000 - 250}m`);
  const kibibytes = (amount: string) => Number(amount.replace("Ki", ""));
  expect(kibibytes(status.capacity.memory) - kibibytes(status.allocatable.memory)).toBe((256 + 100) * 1024);
  await eventuallyPasses(async () =>
    expect(await podbus.kubectlOk("describe", "node", "node-1")).toMatch(/Starting +\S+ +kubelet +Starting kubelet\./),
  );
});

it("a pod that does not fit the node ends as Kubernetes says, and nothing of it is started", async () => {
  await podbus.kubectlOk("label", "node", "node-1", "rack=r1");
  await bound("on-rack", { nodeSelector: { rack: "r1" }, hostNetwork: true }, { ports: [{ containerPort: 18_099 }] });
  await ready("on-rack");
  const refused = [
    ["hungry", "OutOfcpu", {}, { resources: { requests: { cpu: "1000" } } }],
    ["elsewhere", "NodeAffinity", { nodeSelector: { rack: "r2" } }, {}],
    ["same-port", "NodePorts", { hostNetwork: true }, { ports: [{ containerPort: 18_099 }] }],
    ["unsafe", "SysctlForbidden", { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }, {}],
  ] as const;
  await Promise.all(refused.map(([name, , spec, container]) => bound(name, spec, container)));
  for (const [name, reason] of refused) {
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("get", "pod", name, "--no-headers")).toMatch(new RegExp(`0/1 +${reason} `)),
    );
    const { status } = await jsonOf("pod", name);
    expect(status).toMatchObject({ phase: "Failed", reason, message: expect.stringMatching(/^Pod was rejected: /) });
    expect(status.containerStatuses).toBeUndefined();
  }
  await eventuallyPasses(async () =>
    expect(await podbus.kubectlOk("describe", "pod", "elsewhere")).toMatch(
      /Warning +NodeAffinity .*Predicate NodeAffinity failed: node\(s\) didn't match Pod's node affinity\/selector/,
    ),
  );
});

it("a safe sysctl is set in the pod", async () => {
  const name = "net.ipv4.ip_unprivileged_port_start";
  await bound("sysctl", { securityContext: { sysctls: [{ name, value: "80" }] } });
  await ready("sysctl");
  expect(await podbus.kubectlOk("exec", "sysctl", "--", "cat", `/proc/sys/${name.replaceAll(".", "/")}`)).toBe("80\n");
});

it("a resource that someone added to the node is used, and no more of it", async () => {
  const one = { resources: { limits: { "example.com/dongle": "1" } } };
  await eventuallyPasses(
    async () => expect((await jsonOf("node", "node-1")).status.allocatable["example.com/dongle"]).toBe("1"),
    { timeoutMs: 15_000 },
  );
  await bound("with-dongle", {}, one);
  await ready("with-dongle");
  await bound("without-dongle", {}, one);
  await eventuallyPasses(async () =>
    expect((await jsonOf("pod", "without-dongle")).status.reason).toBe("OutOfexample.com/dongle"),
  );
});

it("after a reboot of the machine its pods run again, one restart later, and it is told", async () => {
  await podbus.stop();
  await rebootUnder(podbus.options.stateDir);
  await podbus.startAgain();
  for (const name of ["on-rack", "sysctl", "with-dongle"]) {
    await eventuallyPasses(
      async () => {
        const { status } = await jsonOf("pod", name);
        expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 1 });
      },
      { timeoutMs: 30_000 },
    );
  }
  expect(await podbus.kubectlOk("describe", "node", "node-1")).toMatch(
    /Warning +Rebooted +\S+ +kubelet +Node node-1 has been rebooted, boot id: \S+/,
  );
});

it("a critical pod gets the room of one that is not", async () => {
  const one = { resources: { limits: { "example.com/dongle": "1" } } };
  await bound("critical", { priorityClassName: "system-node-critical" }, one);
  await ready("critical");
  const { status } = await jsonOf("pod", "with-dongle");
  expect(status).toMatchObject({
    phase: "Failed",
    reason: "Preempting",
    message: "Preempted in order to admit critical pod",
    conditions: expect.arrayContaining([
      expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet" }),
    ]),
  });
  await eventuallyPasses(async () =>
    expect(await podbus.kubectlOk("describe", "pod", "with-dongle")).toMatch(
      /Warning +Preempting +\S+ +kubelet +Preempted in order to admit critical pod/,
    ),
  );
});

describe.skipIf(!hasDbus)("a machine that goes down", () => {
  it("waits until the pods have ended, and takes no new ones", async () => {
    await eventuallyPasses(async () => expect(bus?.seen).toContain("locked"));
    bus?.tell("down");
    await eventuallyPasses(async () => expect(bus?.seen).toContain("released"));
    const { status } = await jsonOf("pod", "on-rack");
    expect(status).toMatchObject({
      phase: "Failed",
      reason: "Terminated",
      message: "Pod was terminated in response to imminent node shutdown.",
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: "DisruptionTarget", reason: "TerminationByKubelet" }),
      ]),
    });
    await bound("late");
    await eventuallyPasses(async () => expect((await jsonOf("pod", "late")).status.reason).toBe("NodeShutdown"));
    const node = await jsonOf("node", "node-1");
    expect(node.status.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", status: "False", message: "node is shutting down" }),
    );
  });
});
