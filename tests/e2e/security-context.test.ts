import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { buildBusyboxImage } from "@podbus/images";
import type { Pod } from "@podbus/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpuShares, readCgroup } from "../support/pod-cgroup.ts";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type ProcessFacts, processFacts } from "../support/process-facts.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What a pod's security context and resources make of its processes. All pods are there at once, for speed. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
const pods = new Map<string, Pod>();

const pidsLimit = 200;
const ready = ["mixed", "seen", "who", "shared", "host", "guaranteed", "burstable"];
const appArmor = existsSync("/sys/module/apparmor");
const ended = ["hog", "strict", ...(appArmor ? [] : ["confined"])];
const refused = ["rooted", "nameless", "unprofiled"];

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  const options = await freshOptions([registry.host]);
  await mkdir(`${options.stateDir}/seccomp`);
  const syscalls = [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }];
  const profile = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
  await writeFile(`${options.stateDir}/seccomp/no-mkdir.json`, JSON.stringify(profile));
  const env = { PODBUS_POD_PIDS_LIMIT: `${pidsLimit}` };
  podbus = await PodbusProcess.start({ ...options, env });
  await podbus.apply({ apiVersion: "v1", kind: "List", items: [...running(await imagesOfUsers()), ...refusedPods()] });
  const wait = ["wait", "--timeout=60s"];
  await podbus.kubectlOk(...wait, "--for=condition=Ready", ...ready.map((name) => `pod/${name}`));
  await podbus.kubectlOk(...wait, "--for=jsonpath={.status.phase}=Failed", ...ended.map((name) => `pod/${name}`));
  const waiting = "--for=jsonpath={.status.containerStatuses[0].state.waiting.message}";
  await podbus.kubectlOk(...wait, waiting, ...refused.map((name) => `pod/${name}`));
  const { items }: { items: Pod[] } = JSON.parse(await podbus.kubectlOk("get", "pods", "-o", "json"));
  for (const each of items) pods.set(each.metadata.name, each);
  const read = ["mixed", "who"].flatMap((name) =>
    (pods.get(name)?.spec.containers ?? []).map(async (each) => {
      processes.set(`${name}/${each.name}`, processFacts(await inside(name, each.name, "cat /proc/self/status")));
    }),
  );
  await Promise.all(read);
}, 180_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const container = (name: string, securityContext: object = {}, change: object = {}) => ({
  name,
  image: registry.busybox,
  command: ["sleep", "1000"],
  securityContext,
  ...change,
});
const pod = (name: string, containers: readonly object[], spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, containers, ...spec },
});
const both = (amounts: object) => ({ resources: { requests: amounts, limits: amounts } });

interface UserImages {
  readonly numeric: string;
  readonly named: string;
}

async function imagesOfUsers(): Promise<UserImages> {
  const extra = [
    { kind: "file", path: "etc/passwd", content: "root:x:0:0::/:/bin/sh\nweb:x:1234:1234::/:/bin/sh\n" },
    { kind: "file", path: "etc/group", content: "root:x:0:\nweb:x:1234:\nextra:x:4321:web\n" },
  ] as const;
  const push = async (User: string) =>
    (await registry.push(await buildBusyboxImage({ extra, config: { User } }), `podbus/user-${User}:1`)).name;
  return { numeric: await push("1234"), named: await push("web") };
}

const running = ({ numeric, named }: UserImages) => [
  pod(
    "mixed",
    [
      container("plain"),
      container("user", { runAsUser: 1000, runAsGroup: 3000, allowPrivilegeEscalation: false }),
      container("bare", {
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
        seccompProfile: { type: "RuntimeDefault" },
      }),
      container("more", {
        capabilities: { add: ["CAP_SYS_ADMIN"], drop: ["CHOWN"] },
        seccompProfile: { type: "Localhost", localhostProfile: "no-mkdir.json" },
      }),
      container("privileged", { privileged: true }),
    ],
    { securityContext: { supplementalGroups: [5000], fsGroup: 2000 } },
  ),
  pod("seen", [container("main", { procMount: "Unmasked" })], { hostUsers: false }),
  pod("who", [
    container("numeric", { runAsNonRoot: true }, { image: numeric }),
    container("named", { runAsGroup: 3000 }, { image: named }),
    container("rooted", { runAsGroup: 3000 }),
  ]),
  pod("shared", [container("a"), container("b")], {
    shareProcessNamespace: true,
    securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }] },
  }),
  pod("host", [container("a")], {
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    initContainers: [container("init", { privileged: true }, { command: ["true"] })],
  }),
  pod("guaranteed", [container("main", {}, both({ cpu: "100m", memory: "32Mi" }))]),
  pod(
    "burstable",
    [
      container(
        "main",
        {},
        { resources: { requests: { cpu: "200m", memory: "16Mi" }, limits: { cpu: "300m", memory: "32Mi" } } },
      ),
    ],
    {
      initContainers: [container("side", {}, { restartPolicy: "Always", ...both({ cpu: "100m", memory: "16Mi" }) })],
    },
  ),
  pod("hog", [container("main", {}, { command: ["tail", "/dev/zero"], ...both({ cpu: "100m", memory: "16Mi" }) })], {
    restartPolicy: "Never",
  }),
];

const refusedPods = () => [
  pod("rooted", [container("main", { runAsNonRoot: true })]),
  pod("nameless", [container("main", { runAsNonRoot: true }, { image: `${registry.host}/podbus/user-web:1` })]),
  pod("unprofiled", [container("main", { seccompProfile: { type: "Localhost", localhostProfile: "none.json" } })]),
  ...(appArmor ? [] : [pod("confined", [container("main", { appArmorProfile: { type: "RuntimeDefault" } })])]),
  pod("strict", [container("main")], { securityContext: { supplementalGroupsPolicy: "Strict" } }),
];

const inside = async (name: string, where: string, script: string) =>
  (await podbus.kubectlOk("exec", name, "-c", where, "--", "sh", "-c", script)).trim();

const processes = new Map<string, ProcessFacts>();
const processIn = (name: string, where: string) => processes.get(`${name}/${where}`);

const [chown, netRaw, sysAdmin] = [1n << 0n, 1n << 13n, 1n << 21n];

describe("a process", () => {
  it("has the user and the groups that were asked for", () => {
    expect(processIn("mixed", "plain")).toMatchObject({ uid: 0, gid: 0, groups: [0, 2000, 5000] });
    expect(processIn("mixed", "user")).toMatchObject({ uid: 1000, gid: 3000, groups: [2000, 3000, 5000] });
  });

  it("has the image's user, with another group if one is asked for", () => {
    expect(processIn("who", "numeric")).toMatchObject({ uid: 1234, gid: 1234 });
    expect(processIn("who", "named")).toMatchObject({ uid: 1234, gid: 3000, groups: [3000, 4321] });
    expect(processIn("who", "rooted")).toMatchObject({ uid: 0, gid: 3000 });
  });

  it("has the capabilities that were asked for", () => {
    const of = (name: string) => processIn("mixed", name)?.capabilities ?? -1n;
    expect(of("plain") & (chown | netRaw | sysAdmin)).toBe(chown | netRaw);
    expect(of("bare")).toBe(0n);
    expect(of("more") & (chown | sysAdmin)).toBe(sysAdmin);
    expect(of("privileged") & (chown | netRaw | sysAdmin)).toBe(chown | netRaw | sysAdmin);
  });

  it("may gain rights and make system calls, unless it is forbidden", async () => {
    expect(processIn("mixed", "plain")).toMatchObject({ noNewPrivs: false, seccomp: "none" });
    expect(processIn("mixed", "user")).toMatchObject({ noNewPrivs: true, seccomp: "none" });
    expect(processIn("mixed", "bare")).toMatchObject({ noNewPrivs: false, seccomp: "filter" });
    expect(await inside("mixed", "more", "mkdir /d 2>&1; true")).toContain("Operation not permitted");
  });

  it("writes to its own files, unless these are read-only", async () => {
    expect(await inside("mixed", "privileged", "touch /f && echo written")).toBe("written");
    expect(await inside("mixed", "bare", "touch /f 2>&1; true")).toContain("Read-only file system");
  });

  it("sees of /proc what a container should, or all of it", async () => {
    // Each masked path is a mount of its own.
    const masks = (name: string, where: string) =>
      inside(name, where, "grep -c ' /proc/[a-z]' /proc/self/mountinfo; true").then(Number);
    const [plain, privileged, seen] = await Promise.all([
      masks("mixed", "plain"),
      masks("mixed", "privileged"),
      masks("seen", "main"),
    ]);
    expect(plain).toBeGreaterThan(3);
    expect([privileged, seen]).toEqual([0, 0]);
  });

  it("shares namespaces with its pod or the machine", async () => {
    const of = async (name: string, where: string) =>
      (await inside(name, where, "for n in net pid ipc; do readlink /proc/self/ns/$n; done")).split("\n");
    const [a, b, host, alone] = await Promise.all([
      of("shared", "a"),
      of("shared", "b"),
      of("host", "a"),
      of("mixed", "plain"),
    ]);
    expect(a).toEqual(b);
    expect(new Set([...a, ...host, ...alone]).size).toBe(9);
    expect(await inside("shared", "a", "pidof sleep | wc -w; cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe(
      "2\n80",
    );
    expect(await inside("host", "a", "cat /proc/1/comm")).not.toBe("sleep");
  });
});

describe("a pod is refused", () => {
  const waiting = (name: string) => pods.get(name)?.status?.containerStatuses?.[0]?.state?.waiting;

  it.each([
    ["rooted", "container has runAsNonRoot and image will run as root"],
    ["nameless", "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root"],
  ])("that must not be root and may be: %s", (name, why) => {
    expect(waiting(name)).toEqual({
      reason: "CreateContainerConfigError",
      message: `${why} (pod: "${name}_default(${pods.get(name)?.metadata.uid})", container: main)`,
    });
  });

  it("whose seccomp profile is not there", () => {
    expect(waiting("unprofiled")).toEqual({
      reason: "CreateContainerError",
      message: expect.stringContaining("seccomp/none.json"),
    });
  });

  it.skipIf(appArmor)("that wants AppArmor of a kernel without it", () => {
    expect(pods.get("confined")?.status).toMatchObject({
      reason: "AppArmor",
      message: "Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host",
    });
  });

  it("that wants no groups of its image from a runtime that always adds them", () => {
    expect(pods.get("strict")?.status).toMatchObject({
      reason: "SupplementalGroupsPolicyNotSupported",
      message: "Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node",
    });
  });
});

describe("resources", () => {
  const mebi = 2 ** 20;
  const ofPod = (parent: string, name: string) => `/kubepods${parent}/pod${pods.get(name)?.metadata.uid}`;
  const ofContainer = (parent: string, name: string) => {
    const id = pods.get(name)?.status?.containerStatuses?.[0]?.containerID ?? "";
    return `${ofPod(parent, name)}/${id.replace("containerd://", "")}`;
  };

  it("hold for the pod and for each container", async () => {
    const exact = { cpu: cpuShares(102), quotaUs: 10_000, memory: 32 * mebi };
    expect(await readCgroup(ofPod("", "guaranteed"))).toEqual({ ...exact, pids: pidsLimit });
    expect(await readCgroup(ofContainer("", "guaranteed"))).toMatchObject(exact);
    const withSidecar = { cpu: cpuShares(307), quotaUs: 40_000, memory: 48 * mebi };
    expect(await readCgroup(ofPod("/burstable", "burstable"))).toEqual({ ...withSidecar, pids: pidsLimit });
    const own = { cpu: cpuShares(204), quotaUs: 30_000, memory: 32 * mebi };
    expect(await readCgroup(ofContainer("/burstable", "burstable"))).toMatchObject(own);
    const none = { cpu: cpuShares(2), quotaUs: "none", memory: "none" };
    expect(await readCgroup(ofPod("/besteffort", "mixed"))).toEqual({ ...none, pids: pidsLimit });
  });

  it("make a class of pods weigh what its pods ask for", async () => {
    expect(await readCgroup("/kubepods/burstable")).toMatchObject({ cpu: cpuShares(307), memory: "none" });
    expect(await readCgroup("/kubepods/besteffort")).toMatchObject({ cpu: cpuShares(2), memory: "none" });
  });

  it("end who takes more memory", () => {
    const { terminated } = pods.get("hog")?.status?.containerStatuses?.[0]?.state ?? {};
    expect(terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  });

  it("say who is killed first when memory is out", async () => {
    expect(await inside("mixed", "plain", "cat /proc/1/oom_score_adj")).toBe("1000");
    const score = Number(await inside("burstable", "main", "cat /proc/1/oom_score_adj"));
    expect(score).toBeGreaterThan(2);
    expect(score).toBeLessThan(1000);
  });
});
