import type { Node, Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { type CollectionInputs, decidePodCollection } from "./decide-pod-collection.ts";

const nowMs = 1_000_000;
const terminating = { deletionTimestamp: "2026-01-01T00:00:00Z" };

function pod(name: string, { node = "n1", status = {}, metadata = {} }: PodChange = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "a", uid: name, creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
    spec: { containers: [], ...(node === "" ? {} : { nodeName: node }) },
    status: { phase: "Running", ...status },
  };
}

interface PodChange {
  readonly node?: string;
  readonly status?: Pod["status"];
  readonly metadata?: Partial<Pod["metadata"]>;
}

const outOfService = [
  { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" as const },
];
const node = (ready: "True" | "False" | "Unknown", taints: NonNullable<Node["spec"]>["taints"] = []): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1" },
  spec: { taints },
  status: { conditions: [{ type: "Ready", status: ready }] },
});
const ended = (name: string, minute: number, status: Pod["status"] = { phase: "Succeeded" }) =>
  pod(name, { status, metadata: { creationTimestamp: `2026-01-01T00:0${minute}:00Z` } });

const cases: Record<string, [Partial<CollectionInputs>, Record<string, string>]> = {
  "a running pod on a node that is there stays": [{ pods: [pod("p")] }, {}],
  "a pod whose node is missing for less than 40 s stays": [
    { pods: [pod("p", { node: "gone" })], missingSince: new Map([["gone", nowMs - 39_999]]) },
    {},
  ],
  "and goes then": [
    { pods: [pod("p", { node: "gone" })], missingSince: new Map([["gone", nowMs - 40_000]]) },
    { p: "orphaned" },
  ],
  "whether it had ended or not": [
    { pods: [ended("p", 0), pod("q", { node: "gone" })], missingSince: new Map([["gone", 0]]) },
    { q: "orphaned" },
  ],
  "a pod that no node was found for stays": [{ pods: [pod("p", { node: "" })] }, {}],
  "one that terminates and has no node goes": [
    { pods: [pod("p", { node: "", metadata: terminating })] },
    { p: "unscheduled" },
  ],
  "one that terminates on a silent node stays": [
    { pods: [pod("p", { metadata: terminating })], nodes: [node("Unknown")] },
    {},
  ],
  "unless the node is out of service": [
    { pods: [pod("p", { metadata: terminating })], nodes: [node("Unknown", outOfService)] },
    { p: "out-of-service" },
  ],
  "a node that is Ready is not out of service": [
    { pods: [pod("p", { metadata: terminating })], nodes: [node("True", outOfService)] },
    {},
  ],
  "a pod that does not terminate stays on a node out of service": [
    { pods: [pod("p")], nodes: [node("False", outOfService)] },
    {},
  ],
  "as many as the threshold may have ended": [{ pods: [ended("p", 1), ended("q", 2)], terminatedPodThreshold: 2 }, {}],
  "more: the oldest go": [
    { pods: [ended("new", 3), ended("old", 1), ended("q", 2)], terminatedPodThreshold: 1 },
    { old: "terminated", q: "terminated" },
  ],
  "of the same age by name": [{ pods: [ended("b", 1), ended("a", 1)], terminatedPodThreshold: 1 }, { a: "terminated" }],
  "evicted ones before all others": [
    { pods: [ended("old", 1), ended("e", 5, { phase: "Failed", reason: "Evicted" })], terminatedPodThreshold: 1 },
    { e: "terminated" },
  ],
  "0 is no threshold": [{ pods: [ended("p", 1)], terminatedPodThreshold: 0 }, {}],
};

describe("decidePodCollection", () => {
  it.each(Object.entries(cases))("%s", (_name, [given, expected]) => {
    const collected = decidePodCollection({
      pods: [],
      nodes: [node("True")],
      terminatedPodThreshold: 12_500,
      missingSince: new Map(),
      nowMs,
      ...given,
    });
    expect(Object.fromEntries(collected.map(({ pod, why }) => [pod.metadata.name, why]))).toEqual(expected);
  });
});
