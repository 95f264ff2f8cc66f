import type { PodSpec } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { containerFixture, podFixture } from "../object-fixtures.ts";
import { compilePodDemand } from "./pod-demand.ts";

const Mi = 1024 * 1024;
const sidecar = (requests: Record<string, string>, name: string) => ({
  ...containerFixture(requests, name),
  restartPolicy: "Always",
});

const cases: readonly { sentence: string; spec: Partial<PodSpec>; requests: Record<string, number> }[] = [
  { sentence: "nothing asked is nothing needed", spec: {}, requests: {} },
  {
    sentence: "containers add up, in milli-CPUs and bytes",
    spec: {
      containers: [
        containerFixture({ cpu: "250m", memory: "64Mi" }),
        containerFixture({ cpu: "0.5", memory: "1Mi" }, "b"),
      ],
    },
    requests: { cpu: 750, memory: 65 * Mi },
  },
  {
    sentence: "fractions are rounded up",
    spec: { containers: [containerFixture({ cpu: "0.0001", memory: "1500m" })] },
    requests: { cpu: 1, memory: 2 },
  },
  {
    sentence: "the largest init container counts if it needs more than all containers",
    spec: {
      containers: [containerFixture({ cpu: "1", memory: "10Mi" })],
      initContainers: [containerFixture({ cpu: "3" }, "i"), containerFixture({ cpu: "2" }, "j")],
    },
    requests: { cpu: 3000, memory: 10 * Mi },
  },
  {
    sentence: "a sidecar runs beside the containers and beside later init containers",
    spec: {
      containers: [containerFixture({ cpu: "1" })],
      initContainers: [sidecar({ cpu: "500m" }, "s"), containerFixture({ cpu: "2" }, "i")],
    },
    requests: { cpu: 2500 },
  },
  {
    sentence: "an init container before a sidecar does not run beside it",
    spec: {
      containers: [containerFixture({ cpu: "1" })],
      initContainers: [containerFixture({ cpu: "2" }, "i"), sidecar({ cpu: "500m" }, "s")],
    },
    requests: { cpu: 2000 },
  },
  {
    sentence: "the overhead comes on top",
    spec: { containers: [containerFixture({ cpu: "1" })], overhead: { cpu: "250m", memory: "120Mi" } },
    requests: { cpu: 1250, memory: 120 * Mi },
  },
  {
    sentence: "extended resources count",
    spec: { containers: [containerFixture({ "example.com/gpu": "2" })] },
    requests: { "example.com/gpu": 2 },
  },
];

describe("compilePodDemand", () => {
  it.each(cases)("$sentence", ({ spec, requests }) => {
    expect(Object.fromEntries(compilePodDemand(podFixture("web", spec)).requests)).toEqual(requests);
  });

  it("counts containers that ask for nothing a little in the score", () => {
    const spec = { containers: [containerFixture(), containerFixture({ cpu: "1" }, "b")] };
    expect(compilePodDemand(podFixture("web", spec)).scoring).toEqual({ cpuMilli: 1100, memoryBytes: 400 * Mi });
  });

  it("lists the host ports of containers and sidecars", () => {
    const ports = [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 53, hostPort: 53, protocol: "UDP", hostIP: "10.0.0.1" },
      { containerPort: 1 },
    ];
    const spec = {
      containers: [{ ...containerFixture(), ports }],
      initContainers: [{ ...containerFixture({}, "i"), ports: [{ containerPort: 9, hostPort: 9 }] }],
    };
    expect(compilePodDemand(podFixture("web", spec)).hostPorts).toEqual([
      { ip: "0.0.0.0", protocol: "TCP", port: 8080 },
      { ip: "10.0.0.1", protocol: "UDP", port: 53 },
    ]);
  });
});
