import type { Node, Pod, PodSpec } from "@podbus/kube";

type Amounts = Record<string, string>;

/** Objects for tests; small mutations of one pod and one node. */
export function podFixture(name = "web", spec: Partial<PodSpec> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: `uid-${name}`, ...metadata },
    spec: { schedulerName: "default-scheduler", containers: [containerFixture()], ...spec },
  };
}

export const containerFixture = (requests: Amounts = {}, name = "main"): PodSpec["containers"][number] => ({
  name,
  image: "web:1",
  resources: { requests },
});

export const podAsking = (requests: Amounts, name = "web") =>
  podFixture(name, { containers: [containerFixture(requests)] });

export interface NodeChange {
  readonly labels?: Record<string, string>;
  readonly spec?: NonNullable<Node["spec"]>;
  readonly allocatable?: Amounts;
  readonly ready?: "True" | "False" | "Unknown";
}

export function nodeFixture(
  name = "node-1",
  { labels = {}, spec = {}, allocatable = {}, ready = "True" }: NodeChange = {},
): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec,
    status: {
      allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...allocatable },
      conditions: [{ type: "Ready", status: ready }],
    },
  };
}
