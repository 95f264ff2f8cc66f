import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import type { AdmissionInputs } from "./node-admission.ts";
import { admitOrPreempt } from "./preemption.ts";

interface Shape {
  readonly cpu?: string;
  readonly memory?: string;
  /** Limits equal to requests. */
  readonly guaranteed?: boolean;
  readonly priority?: number;
  readonly static?: boolean;
  readonly nodeSelector?: Record<string, string>;
}

function pod(name: string, { cpu, memory, guaranteed, priority, static: isStatic, nodeSelector }: Shape = {}): Pod {
  const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...(isStatic ? { annotations: { "kubernetes.io/config.source": "file" } } : {}) },
    spec: {
      containers: [{ name: "main", image: "a", resources: { requests, ...(guaranteed ? { limits: requests } : {}) } }],
      ...(priority === undefined ? {} : { priority }),
      ...(nodeSelector ? { nodeSelector } : {}),
    },
  };
}
const critical = (shape: Shape = {}) => pod("critical", { priority: 2_000_001_000, ...shape });
const admit = (subject: Pod, pods: readonly Pod[], allocatable: Record<string, string> = {}) => {
  const node = { name: "node-1", labels: {}, taints: [], supplementalGroupsPolicy: false };
  const inputs: AdmissionInputs = {
    node: { ...node, allocatable: { cpu: "1", memory: "1Gi", pods: "10", ...allocatable } },
    pods,
    allowedSysctls: [],
    appArmor: false,
    shuttingDown: false,
  };
  const { rejection, preempt } = admitOrPreempt(subject, inputs);
  return { reason: rejection?.reason, preempt: preempt.map(({ metadata }) => metadata.name) };
};
const admitted = { reason: undefined, preempt: [] };

describe("a pod that finds no room", () => {
  const full = [pod("a", { cpu: "900m" })];

  it("is refused if it is not critical", () => {
    expect(admit(pod("plain", { cpu: "500m", priority: 1_000 }), full)).toEqual({ reason: "OutOfcpu", preempt: [] });
  });

  it.each([
    ["a critical priority", critical({ cpu: "500m" })],
    ["a manifest on this machine", pod("static", { cpu: "500m", static: true })],
  ])("gets that of others by %s", (_, subject) => {
    expect(admit(subject, full)).toEqual({ ...admitted, preempt: ["a"] });
  });

  it("takes none that is as important", () => {
    const others = [critical({ cpu: "900m" })];
    expect(admit(critical({ cpu: "500m" }), others)).toEqual({ reason: "UnexpectedAdmissionError", preempt: [] });
    const less = [critical({ cpu: "900m", priority: 2_000_000_000 })];
    expect(admit(critical({ cpu: "500m" }), less)).toEqual({ ...admitted, preempt: ["critical"] });
  });

  it("ends nobody if that would not help", () => {
    expect(admit(critical({ cpu: "2" }), full)).toEqual({ reason: "UnexpectedAdmissionError", preempt: [] });
    const elsewhere = critical({ cpu: "500m", nodeSelector: { disk: "ssd" } });
    expect(admit(elsewhere, full)).toEqual({ reason: "NodeAffinity", preempt: [] });
  });

  it("ends nobody if there is room", () => {
    expect(admit(critical({ cpu: "100m" }), full)).toEqual(admitted);
  });
});

describe("who goes", () => {
  it("is of the lowest class that is enough", () => {
    const pods = [
      pod("guaranteed", { cpu: "300m", memory: "1Mi", guaranteed: true }),
      pod("burstable", { cpu: "300m" }),
      pod("another", { cpu: "300m" }),
    ];
    expect(admit(critical({ cpu: "400m" }), pods).preempt).toEqual(["burstable"]);
    expect(admit(critical({ cpu: "700m" }), pods).preempt).toEqual(["burstable", "another"]);
    expect(admit(critical({ cpu: "1" }), pods).preempt).toEqual(["burstable", "another", "guaranteed"]);
  });

  it("is the one that comes nearest to what is needed, and of equals the one that asks for less", () => {
    const pods = [pod("small", { cpu: "100m" }), pod("large", { cpu: "600m" }), pod("fitting", { cpu: "300m" })];
    expect(admit(critical({ cpu: "300m" }), pods).preempt).toEqual(["fitting"]);
    expect(admit(critical({ cpu: "100m" }), pods).preempt).toEqual(["small"]);
  });

  it("makes room in number as well", () => {
    const pods = [pod("a"), pod("b", { cpu: "100m" })];
    expect(admit(critical(), pods, { pods: "2" }).preempt).toEqual(["a"]);
  });
});

it("the refusal tells what is lacking, as the kubelet does", () => {
  const inputs = {
    labels: {},
    taints: [],
    supplementalGroupsPolicy: false,
    allocatable: { cpu: "1", memory: "1Gi", pods: "1" },
  };
  const { rejection } = admitOrPreempt(critical({ cpu: "1500m" }), {
    node: { name: "node-1", ...inputs },
    pods: [],
    allowedSysctls: [],
    appArmor: false,
    shuttingDown: false,
  });
  expect(rejection?.message).toBe(
    "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to " +
      "preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 500), ]",
  );
});
