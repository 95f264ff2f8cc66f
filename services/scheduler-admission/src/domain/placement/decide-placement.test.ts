import type { Node, Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { containerFixture, nodeFixture, podAsking, podFixture } from "../object-fixtures.ts";
import { ClusterState } from "./cluster-state.ts";
import { decidePlacement, nodesToFind } from "./decide-placement.ts";
import { compilePodDemand } from "./pod-demand.ts";

interface Case {
  readonly sentence: string;
  readonly pod?: Pod;
  readonly nodes: readonly Node[];
  /** Pods that are there, by node. */
  readonly placed?: readonly (readonly [node: string, pod: Pod])[];
  /** The node, or the message. */
  readonly expected: string;
}

const zone = (value: string) => ({ labels: { zone: value } });
const taint = (effect: string, value = "yes") => ({ spec: { taints: [{ key: "dedicated", value, effect }] } });
const tolerating = podFixture("web", {
  tolerations: [{ key: "dedicated", operator: "Equal", value: "yes", effect: "NoSchedule" }],
});
const required = (...matchExpressions: { key: string; operator: string; values?: string[] }[]) =>
  podFixture("web", {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  });
const preferring = (key: string, value: string) =>
  podFixture("web", {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, preference: { matchExpressions: [{ key, operator: "In", values: [value] }] } },
        ],
      },
    },
  });
const onPort = (hostPort: number, name = "web") =>
  podFixture(name, { containers: [{ ...containerFixture(), ports: [{ containerPort: 80, hostPort }] }] });

const cases: readonly Case[] = [
  { sentence: "there are no nodes", nodes: [], expected: "no nodes available to schedule pods" },
  { sentence: "one node that fits", nodes: [nodeFixture("a")], expected: "a" },
  {
    sentence: "the pod's system does not matter",
    pod: podFixture("web", { os: { name: "windows" } }),
    nodes: [nodeFixture("a", { labels: { "kubernetes.io/os": "linux" } })],
    expected: "a",
  },
  {
    sentence: "a cordoned node",
    nodes: [nodeFixture("a", { spec: { unschedulable: true } })],
    expected: "0/1 nodes are available: 1 node(s) were unschedulable.",
  },
  {
    sentence: "a cordoned node that the pod tolerates",
    pod: podFixture("web", { tolerations: [{ operator: "Exists" }] }),
    nodes: [nodeFixture("a", { spec: { unschedulable: true } })],
    expected: "a",
  },
  {
    sentence: "a node that is not ready",
    nodes: [nodeFixture("a", { ready: "False" })],
    expected: "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
  },
  {
    sentence: "a node that nobody hears of",
    nodes: [nodeFixture("a", { ready: "Unknown" })],
    expected: "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.",
  },
  {
    sentence: "a taint with a value",
    nodes: [nodeFixture("a", taint("NoSchedule"))],
    expected: "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: yes}.",
  },
  {
    sentence: "a taint that the pod tolerates",
    pod: tolerating,
    nodes: [nodeFixture("a", taint("NoSchedule"))],
    expected: "a",
  },
  {
    sentence: "a taint of another value than the pod tolerates",
    pod: tolerating,
    nodes: [nodeFixture("a", taint("NoSchedule", "no"))],
    expected: "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: no}.",
  },
  {
    sentence: "a NoExecute taint keeps pods away too",
    nodes: [nodeFixture("a", taint("NoExecute"))],
    expected: "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: yes}.",
  },
  {
    sentence: "a PreferNoSchedule taint if there is no other node",
    nodes: [nodeFixture("a", taint("PreferNoSchedule"))],
    expected: "a",
  },
  {
    sentence: "a node without a PreferNoSchedule taint is better",
    nodes: [nodeFixture("a", taint("PreferNoSchedule")), nodeFixture("b", { allocatable: { cpu: "1" } })],
    expected: "b",
  },
  {
    sentence: "nodeSelector",
    pod: podFixture("web", { nodeSelector: { zone: "x" } }),
    nodes: [nodeFixture("a", zone("y")), nodeFixture("b", zone("x"))],
    expected: "b",
  },
  {
    sentence: "nodeSelector that no node has",
    pod: podFixture("web", { nodeSelector: { zone: "z" } }),
    nodes: [nodeFixture("a", zone("y")), nodeFixture("b", zone("x"))],
    expected: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    sentence: "affinity In",
    pod: required({ key: "zone", operator: "In", values: ["x", "z"] }),
    nodes: [nodeFixture("a", zone("y")), nodeFixture("b", zone("x"))],
    expected: "b",
  },
  {
    sentence: "affinity NotIn, also without the label",
    pod: required({ key: "zone", operator: "NotIn", values: ["y"] }),
    nodes: [nodeFixture("a", zone("y")), nodeFixture("b")],
    expected: "b",
  },
  {
    sentence: "affinity Exists",
    pod: required({ key: "zone", operator: "Exists" }),
    nodes: [nodeFixture("a"), nodeFixture("b", zone("x"))],
    expected: "b",
  },
  {
    sentence: "affinity DoesNotExist",
    pod: required({ key: "zone", operator: "DoesNotExist" }),
    nodes: [nodeFixture("a", zone("x")), nodeFixture("b")],
    expected: "b",
  },
  {
    sentence: "affinity Gt",
    pod: required({ key: "zone", operator: "Gt", values: ["9"] }),
    nodes: [nodeFixture("a", zone("9")), nodeFixture("b", zone("10"))],
    expected: "b",
  },
  {
    sentence: "affinity Lt",
    pod: required({ key: "zone", operator: "Lt", values: ["10"] }),
    nodes: [nodeFixture("a", zone("10")), nodeFixture("b", zone("9"))],
    expected: "b",
  },
  {
    sentence: "an empty term matches no node",
    pod: required(),
    nodes: [nodeFixture("a")],
    expected: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    sentence: "affinity to a node's name",
    pod: podFixture("web", {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }],
          },
        },
      },
    }),
    nodes: [nodeFixture("a"), nodeFixture("b")],
    expected: "b",
  },
  {
    sentence: "preferred affinity outweighs a fuller node",
    pod: preferring("zone", "x"),
    nodes: [nodeFixture("a"), nodeFixture("b", zone("x"))],
    placed: [["b", podAsking({ cpu: "2", memory: "4Gi" }, "other")]],
    expected: "b",
  },
  {
    sentence: "not enough CPU",
    pod: podAsking({ cpu: "5" }),
    nodes: [nodeFixture("a")],
    expected: "0/1 nodes are available: 1 Insufficient cpu.",
  },
  { sentence: "exactly enough", pod: podAsking({ cpu: "4", memory: "8Gi" }), nodes: [nodeFixture("a")], expected: "a" },
  {
    sentence: "what is placed already counts",
    pod: podAsking({ cpu: "3" }),
    nodes: [nodeFixture("a")],
    placed: [["a", podAsking({ cpu: "1500m" }, "other")]],
    expected: "0/1 nodes are available: 1 Insufficient cpu.",
  },
  {
    sentence: "several reasons on several nodes, counted and in order",
    pod: podAsking({ cpu: "5", memory: "9Gi" }),
    nodes: [
      nodeFixture("a"),
      nodeFixture("b", { allocatable: { cpu: "8" } }),
      nodeFixture("c", { spec: { unschedulable: true } }),
    ],
    expected: "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 Insufficient memory.",
  },
  {
    sentence: "a resource that no node has",
    pod: podAsking({ "example.com/gpu": "1" }),
    nodes: [nodeFixture("a")],
    expected: "0/1 nodes are available: 1 Insufficient example.com/gpu.",
  },
  {
    sentence: "as many pods as the node takes",
    nodes: [nodeFixture("a", { allocatable: { pods: "1" } })],
    placed: [["a", podFixture("other")]],
    expected: "0/1 nodes are available: 1 Too many pods.",
  },
  {
    sentence: "a host port in use",
    pod: onPort(8080),
    nodes: [nodeFixture("a")],
    placed: [["a", onPort(8080, "other")]],
    expected: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  },
  {
    sentence: "another host port",
    pod: onPort(8081),
    nodes: [nodeFixture("a")],
    placed: [["a", onPort(8080, "other")]],
    expected: "a",
  },
  {
    sentence: "the emptier node is better",
    nodes: [nodeFixture("a"), nodeFixture("b")],
    placed: [["a", podAsking({ cpu: "1", memory: "2Gi" }, "other")]],
    expected: "b",
  },
  {
    sentence: "a node that would be used evenly is better",
    pod: podAsking({ cpu: "1", memory: "100Mi" }),
    nodes: [nodeFixture("a"), nodeFixture("b")],
    placed: [
      ["a", podAsking({ cpu: "2", memory: "100Mi" }, "one")],
      ["b", podAsking({ cpu: "1", memory: "2148Mi" }, "two")],
    ],
    expected: "b",
  },
];

function clusterOf(nodes: readonly Node[], placed: Case["placed"] = []): ClusterState {
  const cluster = new ClusterState();
  for (const node of nodes) cluster.setNode(node);
  for (const [node, pod] of placed) cluster.place(compilePodDemand(pod), node);
  return cluster;
}

const decide = (pod: Pod, cluster: ClusterState, from = 0) =>
  decidePlacement(compilePodDemand(pod), cluster.nodes, from);

describe("decidePlacement", () => {
  it.each(cases)("$sentence", ({ pod = podFixture(), nodes, placed, expected }) => {
    const placement = decide(pod, clusterOf(nodes, placed));
    expect(placement.kind === "place" ? placement.nodeName : placement.message).toBe(expected);
  });

  it("decides the same again, and spreads equal pods over equal nodes", () => {
    const cluster = clusterOf(["a", "b", "c", "d"].map((name) => nodeFixture(name)));
    const pods = Array.from({ length: 40 }, (_, index) => podFixture(`web-${index}`));
    const nodeOf = (pod: Pod) => decide(pod, cluster);
    expect(pods.map(nodeOf)).toEqual(pods.map(nodeOf));
    const names = new Set(pods.map(nodeOf).map((placement) => placement.kind === "place" && placement.nodeName));
    expect(names.size).toBe(4);
  });

  it("looks at a part of a large cluster, from where it is told", () => {
    const cluster = clusterOf(Array.from({ length: 1000 }, (_, index) => nodeFixture(`n${index}`)));
    const placement = decide(podFixture(), cluster, 900);
    expect(placement).toMatchObject({ kind: "place", examined: 420 });
  });

  it("looks at all nodes of a large cluster before it gives up", () => {
    const cluster = clusterOf(Array.from({ length: 150 }, (_, index) => nodeFixture(`n${index}`)));
    expect(decide(podAsking({ cpu: "5" }), cluster, 7)).toEqual({
      kind: "unschedulable",
      message: "0/150 nodes are available: 150 Insufficient cpu.",
    });
  });
});

describe("nodesToFind", () => {
  it.each([
    [1, 1],
    [99, 99],
    [100, 100],
    [250, 120],
    [1000, 420],
    [5000, 500],
    [10_000, 500],
  ])("of %i nodes %i", (nodes, expected) => {
    expect(nodesToFind(nodes)).toBe(expected);
  });
});
