import type { Pod } from "@podbus/kube";
import { expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { type AdmissionInputs, admitPod } from "./node-admission.ts";

const wanting = (requests: Record<string, string>) =>
  pod({ containers: [container("main", { resources: { requests } })] });
const onPort = (hostPort: number, hostIP?: string) =>
  pod({ containers: [container("main", { ports: [{ containerPort: 80, hostPort, ...(hostIP ? { hostIP } : {}) }] })] });
const requiring = (key: string, value: string) =>
  pod({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: [value] }] }],
        },
      },
    },
  });
const sysctl = (name: string, spec: Partial<Pod["spec"]> = {}) =>
  pod({ securityContext: { sysctls: [{ name, value: "1" }] }, ...spec });

const node: AdmissionInputs["node"] = {
  name: "node-1",
  labels: { "kubernetes.io/os": "linux", disk: "ssd" },
  taints: [],
  allocatable: { pods: "2", cpu: "1", memory: "1Gi", "ephemeral-storage": "1Gi", "example.com/gpu": "1" },
  supplementalGroupsPolicy: false,
};
const tainted = (effect: string) => ({ node: { ...node, taints: [{ key: "dedicated", value: "db", effect }] } });

const short = (resource: string, requested: number, used: number, capacity: number) => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});
const affinity = {
  reason: "NodeAffinity",
  message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
};
const ports = {
  reason: "NodePorts",
  message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
};
const taint = {
  reason: "TaintToleration",
  message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
};
const forbidden = (message: string) => ({ reason: "SysctlForbidden", message: `forbidden sysctl: ${message}` });

const strict = pod({ securityContext: { supplementalGroupsPolicy: "Strict" } });
const confined = (type: string) => pod({ securityContext: { appArmorProfile: { type } } });
const appArmor = { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };

type Case = readonly [string, Pod, Partial<AdmissionInputs>, ReturnType<typeof admitPod>];

test.each<Case>([
  ["room for all", wanting({ cpu: "500m" }), { pods: [wanting({ cpu: "500m" })] }, undefined],
  ["one pod too many", pod(), { pods: [pod(), pod()] }, short("pods", 1, 2, 2)],
  ["no processor left", wanting({ cpu: "501m" }), { pods: [wanting({ cpu: "500m" })] }, short("cpu", 501, 500, 1000)],
  [
    "no memory left",
    wanting({ memory: "1Gi" }),
    { pods: [wanting({ memory: "1Mi" })] },
    short("memory", 2 ** 30, 2 ** 20, 2 ** 30),
  ],
  ["no disk left", wanting({ "ephemeral-storage": "2Gi" }), {}, short("ephemeral-storage", 2 ** 31, 0, 2 ** 30)],
  [
    "no device left",
    wanting({ "example.com/gpu": "1" }),
    { pods: [wanting({ "example.com/gpu": "1" })] },
    short("example.com/gpu", 1, 1, 1),
  ],
  ["a device that this node has never heard of", wanting({ "example.com/fpga": "1" }), {}, undefined],
  [
    "huge pages that this node does not have",
    wanting({ "hugepages-2Mi": "2Mi" }),
    {},
    short("hugepages-2Mi", 2 ** 21, 0, 0),
  ],
  ["nothing, where nothing is left", pod(), { pods: [wanting({ cpu: "1", memory: "1Gi" })] }, undefined],
  ["a label that the node has", pod({ nodeSelector: { disk: "ssd" } }), {}, undefined],
  ["a label that the node lacks", pod({ nodeSelector: { disk: "hdd" } }), {}, affinity],
  ["an affinity that the node meets", requiring("disk", "ssd"), {}, undefined],
  ["an affinity that the node does not meet", requiring("disk", "hdd"), {}, affinity],
  ["a free host port", onPort(80), { pods: [onPort(81)] }, undefined],
  ["a host port that is taken", onPort(80), { pods: [onPort(80, "10.0.0.1")] }, ports],
  ["a taint that ends pods", pod(), tainted("NoExecute"), taint],
  [
    "a taint that ends pods, tolerated",
    pod({ tolerations: [{ operator: "Exists" }] }),
    tainted("NoExecute"),
    undefined,
  ],
  ["a taint that only keeps the scheduler away", pod(), tainted("NoSchedule"), undefined],
  ["Linux", pod({ os: { name: "linux" } }), {}, undefined],
  [
    "another system",
    pod({ os: { name: "windows" } }),
    {},
    { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" },
  ],
  [
    "a label of another system",
    pod({}, { metadata: { labels: { "kubernetes.io/os": "windows" } } }),
    {},
    {
      reason: "PodOSSelectorNodeLabelDoesNotMatch",
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    },
  ],
  [
    "only the groups that it names, from a runtime that cannot",
    strict,
    {},
    {
      reason: "SupplementalGroupsPolicyNotSupported",
      message: "SupplementalGroupsPolicy=Strict is not supported in this node",
    },
  ],
  ["only the groups that it names", strict, { node: { ...node, supplementalGroupsPolicy: true } }, undefined],
  ["AppArmor", confined("RuntimeDefault"), { appArmor: true }, undefined],
  ["AppArmor that the kernel has not", confined("RuntimeDefault"), {}, appArmor],
  [
    "AppArmor that the kernel has not, for one container",
    pod({ initContainers: [container("init", { securityContext: { appArmorProfile: { type: "RuntimeDefault" } } })] }),
    {},
    appArmor,
  ],
  ["no AppArmor", confined("Unconfined"), {}, undefined],
  ["a safe sysctl, with slashes", sysctl("net/ipv4/tcp_syncookies"), {}, undefined],
  ["an unsafe sysctl", sysctl("kernel.msgmax"), {}, forbidden('"kernel.msgmax" not allowlisted')],
  ["an unsafe sysctl that the node allows", sysctl("kernel.msgmax"), { allowedSysctls: ["kernel.msg*"] }, undefined],
  [
    "a sysctl of the host's network",
    sysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }),
    {},
    forbidden('"net.ipv4.tcp_syncookies" not allowed with host net enabled'),
  ],
  [
    "a sysctl of the host's IPC",
    sysctl("kernel.shm_rmid_forced", { hostIPC: true }),
    {},
    forbidden('"kernel.shm_rmid_forced" not allowed with host ipc enabled'),
  ],
  [
    "a machine that goes down",
    pod(),
    { shuttingDown: true },
    { reason: "NodeShutdown", message: "Pod was rejected as the node is shutting down." },
  ],
])("%s", (_, subject, change, expected) => {
  expect(
    admitPod(subject, { node, pods: [], allowedSysctls: [], appArmor: false, shuttingDown: false, ...change }),
  ).toEqual(expected);
});
