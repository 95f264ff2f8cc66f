import type { PodSpec } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { containerFixture, podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { podWarnings } from "./pod-warnings.ts";

const env = (...pairs: [string, string][]) => ({
  ...containerFixture(),
  env: pairs.map(([name, value]) => ({ name, value })),
});

const cases: readonly { sentence: string; spec: Partial<PodSpec>; warnings: string[] }[] = [
  { sentence: "an ordinary pod", spec: {}, warnings: [] },
  {
    sentence: "a variable that hides another",
    spec: { containers: [env(["A", "1"], ["B", "2"], ["A", "3"])] },
    warnings: ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply'],
  },
  {
    sentence: "a variable that is made from the one before",
    spec: { containers: [env(["A", "1"], ["A", "$(A):2"])] },
    warnings: [],
  },
  {
    sentence: "a label that has a successor",
    spec: { nodeSelector: { "beta.kubernetes.io/os": "linux" } },
    warnings: ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  },
  {
    sentence: "a pull secret without a name",
    spec: { imagePullSecrets: [{ name: "a" }, { name: "" }] },
    warnings: ['spec.imagePullSecrets[1].name: invalid empty name ""'],
  },
  {
    sentence: "a negative grace period",
    spec: { terminationGracePeriodSeconds: -1 },
    warnings: [
      "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
    ],
  },
];

describe("Warnings", () => {
  it.each(cases)("$sentence", ({ spec, warnings }) => {
    const pod = podFixture("web", spec);
    expect(podWarnings.review(creationOf(pod), lookupOf())).toEqual({ kind: "admit", object: pod, warnings });
  });
});
