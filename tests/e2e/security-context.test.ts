import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What a pod's security context makes of its processes, seen from inside. */
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

const container = (name: string, securityContext: object = {}) => ({
  name,
  image: registry.busybox,
  command: ["sleep", "1000"],
  securityContext,
});
const pod = (name: string, containers: readonly object[], spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, containers, ...spec },
});
const inside = async (name: string, where: string, script: string) =>
  (await podbus.kubectlOk("exec", name, "-c", where, "--", "sh", "-c", script)).trim();
/** A line of /proc/1/status. */
const processStatus = async (name: string, where: string, field: string) =>
  (await inside(name, where, `grep '^${field}:' /proc/1/status`)).split(/:\s+/)[1] ?? "";
const capabilities = async (name: string, where: string) => BigInt(`0x${await processStatus(name, where, "CapEff")}`);
const [chown, netRaw, sysAdmin] = [1n << 0n, 1n << 13n, 1n << 21n];
const seccompFilter = "2";

describe("containers of one pod", () => {
  beforeAll(async () => {
    await podbus.apply(
      pod(
        "mixed",
        [
          container("plain"),
          container("user", { runAsUser: 1000, runAsGroup: 3000, allowPrivilegeEscalation: false }),
          container("bare", { capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } }),
          container("more", { capabilities: { add: ["SYS_ADMIN"], drop: ["CHOWN"] } }),
          container("still", { readOnlyRootFilesystem: true }),
          container("privileged", { privileged: true }),
          container("seen", { procMount: "Unmasked" }),
        ],
        { securityContext: { supplementalGroups: [5000], fsGroup: 2000 } },
      ),
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/mixed");
  }, 120_000);

  it("have the users and groups that were asked for", async () => {
    expect(await inside("mixed", "plain", "id -u; id -G")).toBe("0\n0 2000 5000");
    expect(await inside("mixed", "user", "id -u; id -G")).toBe("1000\n3000 2000 5000");
  });

  it("have the capabilities that were asked for", async () => {
    const of = (name: string) => capabilities("mixed", name);
    expect((await of("plain")) & (chown | netRaw | sysAdmin)).toBe(chown | netRaw);
    expect(await of("bare")).toBe(0n);
    expect((await of("more")) & (chown | sysAdmin)).toBe(sysAdmin);
    expect((await of("privileged")) & sysAdmin).toBe(sysAdmin);
  });

  it("may gain rights, unless it is forbidden", async () => {
    expect(await processStatus("mixed", "user", "NoNewPrivs")).toBe("1");
    expect(await processStatus("mixed", "plain", "NoNewPrivs")).toBe("0");
  });

  it("make the system calls that they may make", async () => {
    expect(await processStatus("mixed", "bare", "Seccomp")).toBe(seccompFilter);
    expect(await processStatus("mixed", "plain", "Seccomp")).toBe("0");
    expect(await processStatus("mixed", "privileged", "Seccomp")).toBe("0");
  });

  it("write to their own files, unless these are read-only", async () => {
    expect(await inside("mixed", "plain", "touch /f && echo written")).toBe("written");
    expect(await inside("mixed", "still", "touch /f 2>&1; true")).toContain("Read-only file system");
  });

  it("see of /proc what a container should, or all of it", async () => {
    const hidden = "grep -c ' /proc/kcore ' /proc/1/mountinfo; touch /proc/sys/kernel/hostname 2>&1; true";
    expect(await inside("mixed", "plain", hidden)).toMatch(/^1\n.*Read-only file system$/s);
    expect(await inside("mixed", "bare", hidden)).toMatch(/^1\n/);
    expect(await inside("mixed", "seen", "grep -cE ' /proc/(kcore|sys) ' /proc/1/mountinfo; true")).toBe("0");
    expect(await inside("mixed", "privileged", "grep -cE ' /proc/(kcore|sys) ' /proc/1/mountinfo; true")).toBe("0");
  });
});

describe("namespaces", () => {
  it("are the pod's, the containers' or the machine's", async () => {
    await podbus.apply(pod("shared", [container("a"), container("b")], { shareProcessNamespace: true }));
    await podbus.apply(pod("host", [container("a")], { hostNetwork: true, hostPID: true, hostIPC: true }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/shared", "pod/host");
    const of = (name: string, where: string) =>
      inside(name, where, "for n in net pid ipc; do readlink /proc/self/ns/$n; done");
    const [a, b, host] = [await of("shared", "a"), await of("shared", "b"), await of("host", "a")];
    expect(a).toBe(b);
    for (const [at, line] of a.split("\n").entries()) expect(line).not.toBe(host.split("\n")[at]);
    expect(await inside("shared", "a", "pidof sleep | wc -w")).toBe("2");
    expect(Number(await inside("host", "a", "ls -d /proc/[0-9]* | wc -l"))).toBeGreaterThan(10);
  });

  it("have the kernel's settings that were asked for", async () => {
    const sysctls = [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }];
    await podbus.apply(pod("tuned", [container("a")], { securityContext: { sysctls } }));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/tuned");
    expect(await inside("tuned", "a", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe("80");
  });
});

describe("a container is refused", () => {
  const waiting = (name: string, securityContext: object, spec: object = {}) =>
    podbus.apply(pod(name, [container("main", securityContext)], spec)).then(() =>
      eventuallyPasses(async () => {
        const text = await podbus.kubectlOk(
          "get",
          "pod",
          name,
          "-o",
          "jsonpath={.status.containerStatuses[0].state.waiting}",
        );
        const { reason, message } = JSON.parse(text);
        expect(message).toBeTruthy();
        return { reason, message };
      }),
    );

  it("that would run as root and must not", async () => {
    expect(await waiting("rooted", { runAsNonRoot: true })).toEqual({
      reason: "CreateContainerConfigError",
      message: expect.stringMatching(/^container has runAsNonRoot and image will run as root \(pod: "rooted_default\(/),
    });
    expect(await waiting("rooted-too", { runAsNonRoot: true, runAsUser: 0 })).toMatchObject({
      message: expect.stringContaining("container's runAsUser breaks non-root policy"),
    });
  });

  it("whose seccomp profile is not there", async () => {
    const seccompProfile = { type: "Localhost", localhostProfile: "none.json" };
    expect(await waiting("unprofiled", { seccompProfile })).toEqual({
      reason: "CreateContainerError",
      message: expect.stringContaining("seccomp/none.json"),
    });
  });
});
