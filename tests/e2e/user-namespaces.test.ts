import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Pods with users of their own (`hostUsers: false`), as their containers see them. */
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

const mounts = ["scratch", "settings", "key", "memory"].map((name) => ({ name, mountPath: `/${name}` }));
const pod = (name: string, spec: object, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    hostUsers: false,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "main",
        image: registry.busybox,
        command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"],
        volumeMounts: mounts,
        ...container,
      },
    ],
    volumes: [
      { name: "scratch", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory" } },
      { name: "settings", configMap: { name: "settings" } },
      { name: "key", secret: { secretName: "key", defaultMode: 0o400 } },
    ],
    ...spec,
  },
});
const inside = (name: string, script: string) => podbus.kubectlOk("exec", name, "--", "sh", "-c", script);
const hostIdOf = async (name: string) => Number((await inside(name, "cat /proc/self/uid_map")).trim().split(/\s+/)[1]);

describe("a pod with users of its own", () => {
  beforeAll(async () => {
    await podbus.kubectlOk("create", "configmap", "settings", "--from-literal=a=1");
    await podbus.kubectlOk("create", "secret", "generic", "key", "--from-literal=k=s3cret");
    await podbus.apply(pod("root", {}));
    await podbus.apply(pod("user", { securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 } }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/root", "pod/user");
  }, 120_000);

  it("has ids that no other pod and nobody on the host has", async () => {
    const [root, user] = await Promise.all([hostIdOf("root"), hostIdOf("user")]);
    expect(new Set([root, user]).size).toBe(2);
    for (const id of [root, user]) expect(id % 65_536).toBe(0);
    expect(Math.min(root, user)).toBeGreaterThanOrEqual(65_536);
    expect(await inside("root", "id -u; cat /proc/self/uid_map | tr -s ' '")).toBe(`0\n 0 ${root} 65536\n`);
  });

  it("reads and writes its volumes, as root and as somebody", async () => {
    expect(
      await inside("root", "cat /key/k /settings/a; echo x > /scratch/f; echo x > /memory/f; stat -c %u /scratch/f"),
    ).toBe("s3cret10\n");
    expect(
      await inside("user", "cat /key/k /settings/a; echo x > /scratch/f; echo x > /memory/f; stat -c %u:%g /scratch/f"),
    ).toBe("s3cret11000:2000\n");
  });

  it("keeps its ids over a restart of its container", async () => {
    const before = await hostIdOf("root");
    await podbus.kubectl("exec", "root", "--", "sh", "-c", "kill -TERM 1");
    await podbus.kubectlOk(
      "wait",
      "--for=jsonpath={.status.containerStatuses[0].restartCount}=1",
      "--timeout=60s",
      "pod/root",
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/root");
    expect(await hostIdOf("root")).toBe(before);
    expect(await inside("root", "cat /scratch/f")).toBe("x\n");
  });

  it("reads files that are not its user's by its group, without an fsGroup", async () => {
    await podbus.apply(pod("member", { securityContext: { runAsUser: 1000 } }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/member");
    expect(await inside("member", "id -u; id -g; cat /key/k /settings/a; stat -Lc %u:%g:%a /key/k /scratch")).toBe(
      "1000\n0\ns3cret10:0:440\n0:0:2777\n",
    );
  });

  it("may not have the host's namespaces or files", async () => {
    const volumes = [{ name: "scratch", hostPath: { path: "/srv" } }];
    const input = JSON.stringify(pod("host", { hostNetwork: true, volumes }, { volumeMounts: [] }));
    const { code, stderr } = await podbus.kubectlWith({ input }, "create", "-f", "-");
    expect(code).toBe(1);
    for (const message of [
      "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false",
      "spec.volumes[0]: Forbidden: volume type not supported when `pod.Spec.HostUsers` is false",
    ])
      expect(stderr).toContain(message);
  });
});
