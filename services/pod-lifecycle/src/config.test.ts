import { parseConfig } from "@podbus/service";
import { expect, test } from "vitest";
import { podLifecycleConfig } from "./config.ts";

const parse = (env: Record<string, string>) => parseConfig("pod-lifecycle", podLifecycleConfig, env);

test("only the node's name is needed", () => {
  expect(parse({ PODBUS_NODE_NAME: "node-1.example" })).toEqual({
    nodeName: "node-1.example",
    criEndpoint: "unix:///run/containerd/containerd.sock",
    stateDir: "/var/lib/podbus",
    runDir: "/run/podbus",
    nodeIp: undefined,
    apiAddress: undefined,
    maxPods: 110,
    cgroupRoot: "/kubepods",
    dns: { cluster: { servers: [], domain: "cluster.local" }, resolvConf: "/etc/resolv.conf" },
    nodeLabels: {},
    reserved: { kube: {}, system: {} },
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "10%" },
    allowedSysctls: [],
    logs: { limits: { maxBytes: 10 * 1024 * 1024, maxFiles: 5 }, everyMs: 10_000 },
    shutdownPeriods: [],
  });
});

test.each([
  [{}, "PODBUS_NODE_NAME: required"],
  [{ PODBUS_NODE_NAME: "Node_1" }, "PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_NODE_IP: "here" }, "PODBUS_NODE_IP: must be an IP address"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_API_ADVERTISE_ADDRESS: "here" }, "PODBUS_API_ADVERTISE_ADDRESS: must be HOST:PORT"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_STATE_DIR: "state" }, "PODBUS_STATE_DIR: must be an absolute path"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_MAX_PODS: "0" }, "PODBUS_MAX_PODS: must be an integer from 1 to 10000"],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_CONTAINER_LOG_MAX_FILES: "1" },
    "PODBUS_CONTAINER_LOG_MAX_FILES: must be an integer",
  ],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CONTAINER_LOG_MAX_SIZE: "0" }, "PODBUS_CONTAINER_LOG_MAX_SIZE: must be at least 1"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CONTAINER_LOG_MAX_SIZE: "big" }, "PODBUS_CONTAINER_LOG_MAX_SIZE: quantities must"],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_CONTAINER_LOG_MONITOR_INTERVAL: "10ms" },
    "PODBUS_CONTAINER_LOG_MONITOR_INTERVAL: must be at least 1s",
  ],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CLUSTER_DNS: "10.0.0.1,dns" }, "PODBUS_CLUSTER_DNS: dns: must be an IP address"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CLUSTER_DOMAIN: "a_b" }, "PODBUS_CLUSTER_DOMAIN: must be a DNS domain"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CRI_ENDPOINT: "tcp://x" }, "PODBUS_CRI_ENDPOINT: must be a socket"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_RUNTIME_REQUEST_TIMEOUT: "10ms" }, "must be at least 1s"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_NODE_LABELS: "disk" }, "PODBUS_NODE_LABELS: disk: must be KEY=VALUE"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_NODE_LABELS: "disk=a b" }, "PODBUS_NODE_LABELS: disk=a b: a valid label must be"],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_NODE_LABELS: "node-role.kubernetes.io/control-plane=" },
    "PODBUS_NODE_LABELS: node-role.kubernetes.io/control-plane=: a node may not give itself this label of Kubernetes",
  ],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_KUBE_RESERVED: "pods=1" },
    "PODBUS_KUBE_RESERVED: pods=1: must be one of cpu, memory",
  ],
  [{ PODBUS_NODE_NAME: "n", PODBUS_SYSTEM_RESERVED: "cpu=-1" }, "PODBUS_SYSTEM_RESERVED: cpu=-1: must be greater than"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_SYSTEM_RESERVED: "cpu=much" }, "PODBUS_SYSTEM_RESERVED: cpu=much: quantities must"],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_EVICTION_HARD: "pid.available<5" },
    "PODBUS_EVICTION_HARD: pid.available<5: must be",
  ],
  [{ PODBUS_NODE_NAME: "n", PODBUS_ALLOWED_UNSAFE_SYSCTLS: "kernel.*" }, '"kernel.*" are not known to be namespaced'],
  [{ PODBUS_NODE_NAME: "n", PODBUS_ALLOWED_UNSAFE_SYSCTLS: "net.**" }, "net.**: must be a sysctl or a pattern"],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_SHUTDOWN_GRACE_PERIOD: "5s", PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS: "10s" },
    "PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS: must be no more than PODBUS_SHUTDOWN_GRACE_PERIOD",
  ],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_SHUTDOWN_GRACE_PERIOD: "5s", PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: "0=1s" },
    "PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: cannot be set together with PODBUS_SHUTDOWN_GRACE_PERIOD",
  ],
  [
    { PODBUS_NODE_NAME: "n", PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: "high=1s" },
    "high=1s: must be a whole number",
  ],
  [{ PODBUS_NODE_NAME: "n", PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: "0=1x" }, "must be a duration"],
])("%j is refused", (env, message) => {
  expect(() => parse(env as Record<string, string>)).toThrow(message);
});

test("lists and times are read", () => {
  const config = parse({
    PODBUS_NODE_NAME: "n",
    PODBUS_NODE_LABELS: "disk=ssd, node.kubernetes.io/instance-type=small,empty=",
    PODBUS_KUBE_RESERVED: "cpu=100m,memory=1Gi",
    PODBUS_EVICTION_HARD: "memory.available<1Gi",
    PODBUS_ALLOWED_UNSAFE_SYSCTLS: "kernel.msg*,net.core.somaxconn",
    PODBUS_SHUTDOWN_GRACE_PERIOD: "1m",
    PODBUS_RUNTIME_REQUEST_TIMEOUT: "5m",
    PODBUS_SHUTDOWN_GRACE_PERIOD_CRITICAL_PODS: "20s",
  });
  expect(config).toMatchObject({
    nodeLabels: { disk: "ssd", "node.kubernetes.io/instance-type": "small", empty: "" },
    reserved: { kube: { cpu: "100m", memory: "1Gi" }, system: {} },
    allowedSysctls: ["kernel.msg*", "net.core.somaxconn"],
    criTimeoutMs: 300_000,
    shutdownPeriods: [
      { priority: 0, seconds: 40 },
      { priority: 2_000_000_000, seconds: 20 },
    ],
  });
  expect(config.evictionHard).toEqual({ "memory.available": "1Gi" });
});

test.each([
  [":6443", { host: "", port: 6443 }],
  ["[fd00::1]:443", { host: "fd00::1", port: 443 }],
  ["api.example:6443", { host: "api.example", port: 6443 }],
])("the API is at %s", (text, apiAddress) => {
  expect(parse({ PODBUS_NODE_NAME: "n", PODBUS_API_ADVERTISE_ADDRESS: text }).apiAddress).toEqual(apiAddress);
});

test("a machine's pods may have times by their priorities", () => {
  const env = { PODBUS_NODE_NAME: "n", PODBUS_SHUTDOWN_GRACE_PERIOD_BY_POD_PRIORITY: "0=30s,1000=1m" };
  expect(podLifecycleConfig.parse(env).shutdownPeriods).toEqual([
    { priority: 0, seconds: 30 },
    { priority: 1_000, seconds: 60 },
  ]);
});
