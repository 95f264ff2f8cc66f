import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { type DependencyResource, podRefersTo } from "./pod-dependencies.ts";

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

const referred: [DependencyResource, string][] = [
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

describe("podRefersTo", () => {
  it.each(referred)("%s %s is read by the pod", (resource, name) => {
    expect(podRefersTo(pod, resource, name)).toBe(true);
  });

  it.each([
    ["secrets", "volume-config"],
    ["configmaps", "env-secret"],
    ["secrets", "other"],
    ["secrets", ""],
  ] as [DependencyResource, string][])("%s %j is not", (resource, name) => {
    expect(podRefersTo(pod, resource, name)).toBe(false);
  });
});
