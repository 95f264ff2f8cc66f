import {
  MountPropagation,
  NamespaceMode,
  SecurityProfile_ProfileType,
  SupplementalGroupsPolicy,
} from "@podbus/contracts/cri";
import type { Container, Pod } from "@podbus/kube";
import { describe, expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { type ContainerFacts, containerConfig } from "./container-config.ts";
import { type ImageUser, needsImageUser, rootRefusal } from "./container-security.ts";
import { type SandboxFacts, sandboxConfig } from "./sandbox-config.ts";

const facts: ContainerFacts = {
  nodeName: "node-1",
  attempt: 2,
  restartCount: 2,
  backOffMs: 20_000,
  imageRef: "sha256:1",
  env: new Map([["A", "x"]]),
  volumes: new Map([["v", "/state/v"]]),
  subPaths: new Map([["/etc/hosts", "/sub/0"]]),
  hostsFile: "/state/hosts",
  terminationMessageFile: "/state/message",
  seccompDir: "/seccomp",
  memoryCapacityBytes: 1024 ** 3,
  hugePages: ["hugepages-2Mi", "hugepages-1Gi"],
  recursiveReadOnly: false,
  unifiedCgroups: false,
  runtimeHandler: "",
  users: undefined,
};

const sandboxFacts: SandboxFacts = {
  nodeName: "n",
  attempt: 0,
  logDirectory: "",
  cgroupParent: "",
  seccompDir: "",
  users: undefined,
  dns: { servers: [], searches: [], options: [] },
  clusterDomain: "cluster.local",
};

const configOf = (change: Partial<Container>, spec: Partial<Pod["spec"]> = {}) => {
  const subject = container("main", change);
  return containerConfig(pod({ containers: [subject], ...spec }), subject, facts);
};

test("identity, log and what survives in the runtime", () => {
  expect(configOf({})).toMatchObject({
    metadata: { name: "main", attempt: 2 },
    image: { image: "sha256:1", userSpecifiedImage: "main:1" },
    logPath: "main/2.log",
    labels: {
      "io.kubernetes.pod.name": "web",
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": "uid-1",
      "io.kubernetes.container.name": "main",
      "podbus.dev/node": "node-1",
    },
    annotations: { "io.kubernetes.container.restartCount": "2", "podbus.dev/back-off-ms": "20000" },
  });
});

test("command and args are expanded", () => {
  expect(configOf({ command: ["run", "$(A)"], args: ["$$(A)", "$(B)"] })).toMatchObject({
    command: ["run", "x"],
    args: ["$(A)", "$(B)"],
  });
});

describe("mounts", () => {
  const mountsOf = (change: Partial<Container>) => configOf(change).mounts ?? [];

  test("the hosts file and the termination message are there", () => {
    expect(mountsOf({})).toEqual([
      { containerPath: "/etc/hosts", hostPath: "/state/hosts" },
      { containerPath: "/dev/termination-log", hostPath: "/state/message" },
    ]);
  });

  test("a volume at /etc/hosts replaces the hosts file", () => {
    const volumeMounts = [{ name: "v", mountPath: "/etc/hosts", subPath: "hosts" }];
    expect(mountsOf({ volumeMounts }).map((m) => m.hostPath)).toEqual(["/sub/0", "/state/message"]);
  });

  test("read-only, propagation, a relative path", () => {
    const mount = {
      name: "v",
      mountPath: "data",
      readOnly: true,
      mountPropagation: "HostToContainer",
    };
    expect(mountsOf({ volumeMounts: [mount] })[0]).toEqual({
      containerPath: "/data",
      hostPath: "/state/v",
      readonly: true,
      recursiveReadOnly: false,
      propagation: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
    });
  });

  test.each([
    ["none", undefined, true, false],
    ["Disabled", "Disabled", true, false],
    ["IfPossible, and it is", "IfPossible", true, true],
    ["IfPossible, and it is not", "IfPossible", false, false],
    ["Enabled", "Enabled", true, true],
  ])("read-only with all below: %s", (_, recursiveReadOnly, can, is) => {
    const mount = { name: "v", mountPath: "/v", readOnly: true, ...(recursiveReadOnly ? { recursiveReadOnly } : {}) };
    const config = containerConfig(pod(), container("main", { volumeMounts: [mount] }), {
      ...facts,
      recursiveReadOnly: can,
    });
    expect(config.mounts?.[0]).toMatchObject({ readonly: true, recursiveReadOnly: is });
  });

  test("read-only with all below, of a runtime that cannot, is refused", () => {
    const mount = { name: "v", mountPath: "/v", readOnly: true, recursiveReadOnly: "Enabled" };
    expect(() => configOf({ volumeMounts: [mount] })).toThrow(
      'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime',
    );
  });

  test("each container sees what it mounts itself", () => {
    const init = container("init", { volumeMounts: [{ name: "v", mountPath: "/secret" }] });
    const subject = pod({ initContainers: [init] });
    const seenBy = (each: Container) => containerConfig(subject, each, facts).mounts?.map((m) => m.containerPath);
    expect(seenBy(init)).toContain("/secret");
    expect(seenBy(container("main"))).not.toContain("/secret");
  });

  test("an unknown volume is refused", () => {
    expect(() => mountsOf({ volumeMounts: [{ name: "nope", mountPath: "/x" }] })).toThrow('cannot find volume "nope"');
  });
});

describe("limits", () => {
  test.each([
    ["nothing", {}, { cpuShares: 2n, cpuQuota: 0n, memoryLimitInBytes: 0n, oomScoreAdj: 1000n }],
    ["a request", { requests: { cpu: "250m" } }, { cpuShares: 256n, cpuQuota: 0n, oomScoreAdj: 999n }],
    ["a limit stands for a request", { limits: { cpu: "500m" } }, { cpuShares: 512n, cpuQuota: 50_000n }],
    ["a tiny limit", { limits: { cpu: "1m" } }, { cpuShares: 2n, cpuQuota: 1_000n }],
    [
      "memory",
      { requests: { memory: "512Mi" }, limits: { memory: "1Gi" } },
      { memoryLimitInBytes: 1073741824n, oomScoreAdj: 500n },
    ],
    [
      "guaranteed",
      { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
      { cpuShares: 1024n, cpuQuota: 100_000n, oomScoreAdj: -997n },
    ],
  ])("%s", (_, resources, expected) => {
    expect(configOf({ resources }).linux?.resources).toMatchObject(expected);
  });
});

test("huge pages, for each size of the node", () => {
  expect(configOf({ resources: { limits: { "hugepages-2Mi": "4Mi" } } }).linux?.resources?.hugepageLimits).toEqual([
    { pageSize: "2MB", limit: 4_194_304n },
    { pageSize: "1GB", limit: 0n },
  ]);
});

test("where the kernel can, a container ends as a whole when its memory is out", () => {
  const subject = container("main");
  const unifiedOf = (unifiedCgroups: boolean) =>
    containerConfig(pod(), subject, { ...facts, unifiedCgroups }).linux?.resources?.unified;
  expect(unifiedOf(false)).toEqual({});
  expect(unifiedOf(true)).toEqual({ "memory.oom.group": "1" });
});

describe("security", () => {
  const securityOf = (change: Partial<Container>, spec: Partial<Pod["spec"]> = {}) =>
    configOf(change, spec).linux?.securityContext;

  test("the container's own settings win over the pod's", () => {
    const spec = { securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] } };
    expect(securityOf({ securityContext: { runAsUser: 10 } }, spec)).toMatchObject({
      runAsUser: { value: 10n },
      runAsGroup: { value: 2n },
      supplementalGroups: [4n, 3n],
    });
  });

  test("privileged by its security context, beside others", () => {
    const privileged = container("main", { securityContext: { privileged: true } });
    const subject = pod({ containers: [privileged, container("other")] });
    const isPrivileged = (each: Container) =>
      containerConfig(subject, each, facts).linux?.securityContext?.privileged ?? false;
    expect(subject.spec.containers.map(isPrivileged)).toEqual([true, false]);
  });

  test("user 0 is not no user", () => {
    expect(securityOf({ securityContext: { runAsUser: 0 } })).toMatchObject({ runAsUser: { value: 0n } });
    expect(securityOf({})).not.toHaveProperty("runAsUser");
  });

  test.each([
    [undefined, false],
    [true, false],
    [false, true],
  ])("allowPrivilegeEscalation %s: no_new_privs %s", (allow, expected) => {
    const securityContext = allow === undefined ? {} : { allowPrivilegeEscalation: allow };
    expect(securityOf({ securityContext })?.noNewPrivs).toBe(expected);
  });

  test.each([
    [undefined, { profileType: SecurityProfile_ProfileType.Unconfined }],
    [{ type: "RuntimeDefault" }, { profileType: SecurityProfile_ProfileType.RuntimeDefault }],
    [
      { type: "Localhost", localhostProfile: "p.json" },
      { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: "/seccomp/p.json" },
    ],
  ])("seccomp %j", (seccompProfile, expected) => {
    expect(securityOf({ securityContext: seccompProfile ? { seccompProfile } : {} })?.seccomp).toEqual(expected);
  });

  test.each<[string, Partial<Pod["spec"]>, object]>([
    ["usual", {}, { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD }],
    ["shared processes", { shareProcessNamespace: true }, { pid: NamespaceMode.POD }],
    [
      "the host's",
      { hostNetwork: true, hostPID: true, hostIPC: true },
      { network: NamespaceMode.NODE, pid: NamespaceMode.NODE, ipc: NamespaceMode.NODE },
    ],
  ])("namespaces: %s", (_, spec, expected) => {
    expect(securityOf({}, spec)?.namespaceOptions).toMatchObject(expected);
  });

  test("capabilities, with the kernel's prefix or without", () => {
    const capabilities = { add: ["CAP_SYS_TIME", "net_admin"], drop: ["ALL", "cap_chown"] };
    expect(securityOf({ securityContext: { capabilities } })?.capabilities).toEqual({
      addCapabilities: ["SYS_TIME", "NET_ADMIN"],
      dropCapabilities: ["ALL", "CHOWN"],
    });
  });

  test("only the groups that the pod names", () => {
    expect(securityOf({})?.supplementalGroupsPolicy).toBe(SupplementalGroupsPolicy.Merge);
    const securityContext = { supplementalGroupsPolicy: "Strict" };
    expect(securityOf({}, { securityContext })?.supplementalGroupsPolicy).toBe(SupplementalGroupsPolicy.Strict);
  });

  test("SELinux", () => {
    const pods = { seLinuxOptions: { level: "s0:c1,c2" } };
    expect(securityOf({}, { securityContext: pods })?.selinuxOptions).toMatchObject({ level: "s0:c1,c2", user: "" });
    const own = { seLinuxOptions: { type: "t" } };
    expect(securityOf({ securityContext: own }, { securityContext: pods })?.selinuxOptions).toMatchObject({
      type: "t",
      level: "",
    });
  });

  test.each([
    [undefined, undefined],
    [{ type: "RuntimeDefault" }, { profileType: SecurityProfile_ProfileType.RuntimeDefault }],
    [{ type: "Unconfined" }, { profileType: SecurityProfile_ProfileType.Unconfined }],
    [
      { type: "Localhost", localhostProfile: "p" },
      { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: "p" },
    ],
  ])("AppArmor %j", (appArmorProfile, expected) => {
    expect(securityOf({ securityContext: appArmorProfile ? { appArmorProfile } : {} })?.apparmor).toEqual(expected);
  });

  test("/proc is masked, unless all of it is asked for", () => {
    expect(securityOf({})).toMatchObject({
      maskedPaths: expect.arrayContaining(["/proc/kcore", "/sys/firmware"]),
      readonlyPaths: expect.arrayContaining(["/proc/sys"]),
    });
    const unmasked = securityOf({ securityContext: { procMount: "Unmasked" } });
    expect([unmasked?.maskedPaths, unmasked?.readonlyPaths]).toEqual([undefined, undefined]);
  });

  const image = (uid?: bigint, username = ""): ImageUser => ({ uid, username });
  const where = '(pod: "web_default(uid-1)", container: main)';
  test.each<[string, Partial<Container>, ImageUser, string | undefined]>([
    ["a user in the spec", { securityContext: { runAsUser: 5 } }, image(), undefined],
    [
      "root in the spec",
      { securityContext: { runAsUser: 0 } },
      image(5n),
      `container's runAsUser breaks non-root policy ${where}`,
    ],
    ["a numeric user in the image", {}, image(5n), undefined],
    ["root in the image", {}, image(0n), `container has runAsNonRoot and image will run as root ${where}`],
    ["nothing in the image", {}, image(), `container has runAsNonRoot and image will run as root ${where}`],
    [
      "a name in the image",
      {},
      image(undefined, "web"),
      `container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root ${where}`,
    ],
    [
      "root in the image, which the container allows",
      { securityContext: { runAsNonRoot: false } },
      image(0n),
      undefined,
    ],
  ])("runAsNonRoot with %s", (_, change, user, expected) => {
    const subject = pod({ securityContext: { runAsNonRoot: true } });
    expect(rootRefusal(subject, container("main", change), user)).toBe(expected);
  });

  test.each<[string, NonNullable<Container["securityContext"]>, boolean]>([
    ["nothing", {}, false],
    ["who must not be root", { runAsNonRoot: true }, true],
    ["a group", { runAsGroup: 5 }, true],
    ["a user", { runAsUser: 5, runAsGroup: 5, runAsNonRoot: true }, false],
  ])("the image is asked for its user: %s", (_, securityContext, asked) => {
    expect(needsImageUser(pod(), container("main", { securityContext }))).toBe(asked);
  });

  test.each<[string, ImageUser | undefined, object]>([
    ["a number", image(5n), { runAsUser: { value: 5n } }],
    ["a name", image(undefined, "web"), { runAsUsername: "web" }],
    ["nobody", image(), { runAsUser: { value: 0n } }],
  ])("a group of the user that the image names: %s", (_, imageUser, expected) => {
    const subject = container("main", { securityContext: { runAsGroup: 7 } });
    const config = containerConfig(pod({ containers: [subject] }), subject, { ...facts, imageUser });
    expect(config.linux?.securityContext).toMatchObject({ runAsGroup: { value: 7n }, ...expected });
  });
});

test.each<[string, Partial<Pod["spec"]>, boolean]>([
  ["none", {}, false],
  ["an init container", { initContainers: [container("init", { securityContext: { privileged: true } })] }, true],
  ["a debugger", { ephemeralContainers: [container("debug", { securityContext: { privileged: true } })] }, true],
])("the sandbox may have privileged containers: %s", (_, spec, expected) => {
  expect(sandboxConfig(pod(spec), sandboxFacts).linux?.securityContext?.privileged).toBe(expected);
});

test("the sandbox: its overhead is beside what the containers need", () => {
  const subject = pod({
    containers: [container("main", { resources: { requests: { cpu: "1" } } })],
    overhead: { cpu: "500m", memory: "1Mi" },
  });
  expect(sandboxConfig(subject, sandboxFacts).linux).toMatchObject({
    resources: { cpuShares: 1024n },
    overhead: { cpuShares: 512n, cpuQuota: 50_000n, memoryLimitInBytes: 1_048_576n },
  });
});

test("the sandbox: name, ports, DNS, logs, cgroup", () => {
  const subject = pod({
    containers: [container("main", { ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] })],
    hostname: `${"h".repeat(62)}-tail`,
  });
  const users = { hostId: 131_072 };
  const dns = { servers: ["10.0.0.1"], searches: ["a.b"], options: ["ndots:2", "edns0"] };
  const details = { ...sandboxFacts, attempt: 1, logDirectory: "/logs", cgroupParent: "/kubepods/pod1", users, dns };
  expect(sandboxConfig(subject, details)).toMatchObject({
    metadata: { name: "web", namespace: "default", uid: "uid-1", attempt: 1 },
    hostname: "h".repeat(62),
    portMappings: [{ containerPort: 80, hostPort: 8080 }],
    dnsConfig: dns,
    logDirectory: "/logs",
    linux: {
      cgroupParent: "/kubepods/pod1",
      securityContext: {
        namespaceOptions: {
          usernsOptions: {
            mode: NamespaceMode.POD,
            uids: [{ hostId: 131_072, containerId: 0, length: 65_536 }],
            gids: [{ hostId: 131_072, containerId: 0, length: 65_536 }],
          },
        },
      },
    },
  });
});
