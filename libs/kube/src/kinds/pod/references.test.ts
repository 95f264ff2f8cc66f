import { describe, expect, it } from "vitest";
import { asksForToken, podReferences, type ReferencedResource } from "./references.ts";
import type { Pod } from "./schema.ts";

const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "x", namespace: "a" },
  spec: {
    imagePullSecrets: [{ name: "pull" }],
    volumes: [
      { name: "v1", secret: { secretName: "volume-secret" } },
      { name: "v2", configMap: { name: "volume-config" } },
      {
        name: "v3",
        projected: { sources: [{ secret: { name: "projected-secret" } }, { configMap: { name: "projected-config" } }] },
      },
    ],
    initContainers: [{ name: "i", image: "x", envFrom: [{ configMapRef: { name: "init-config" } }] }],
    containers: [
      {
        name: "c",
        image: "x",
        env: [
          { name: "A", valueFrom: { secretKeyRef: { name: "env-secret", key: "k" } } },
          { name: "B", valueFrom: { configMapKeyRef: { name: "env-config", key: "k" } } },
        ],
        envFrom: [{ secretRef: { name: "from-secret" } }],
      },
    ],
  },
};

const referred: [ReferencedResource, string][] = [
  ["secrets", "pull"],
  ["secrets", "volume-secret"],
  ["secrets", "projected-secret"],
  ["secrets", "env-secret"],
  ["secrets", "from-secret"],
  ["configmaps", "volume-config"],
  ["configmaps", "projected-config"],
  ["configmaps", "init-config"],
  ["configmaps", "env-config"],
];

describe("podReferences", () => {
  it.each(referred)("%s %s is read by the pod", (resource, name) => {
    expect(podReferences(pod, resource).has(name)).toBe(true);
  });

  it.each([
    ["secrets", "volume-config"],
    ["configmaps", "env-secret"],
    ["secrets", "other"],
    ["secrets", ""],
  ] as [ReferencedResource, string][])("%s %j is not", (resource, name) => {
    expect(podReferences(pod, resource).has(name)).toBe(false);
  });
});

describe("asksForToken", () => {
  const volumes = (source: object) => ({
    ...pod,
    spec: { ...pod.spec, volumes: [{ name: "v", projected: { sources: [source] } }] },
  });

  it("is true for a projected token only", () => {
    expect(asksForToken(volumes({ serviceAccountToken: { path: "token" } }))).toBe(true);
    expect(asksForToken(volumes({ secret: { name: "x" } }))).toBe(false);
    expect(asksForToken({ ...pod, spec: { containers: [] } })).toBe(false);
  });
});
