import type { Toleration } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";

const notReady: Toleration = {
  key: "node.kubernetes.io/not-ready",
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
};
const unreachable: Toleration = { ...notReady, key: "node.kubernetes.io/unreachable" };
const own: Toleration = {
  key: "node.kubernetes.io/unreachable",
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
};
const other: Toleration = { key: "dedicated", operator: "Exists" };
const everything: Toleration = { operator: "Exists" };
const scheduling: Toleration = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoSchedule" };

describe("DefaultTolerationSeconds", () => {
  it.each([
    { sentence: "both are added", tolerations: undefined, expected: [notReady, unreachable] },
    { sentence: "others stay in front", tolerations: [other], expected: [other, notReady, unreachable] },
    { sentence: "one's own is kept", tolerations: [own], expected: [own, notReady] },
    { sentence: "who tolerates everything needs none", tolerations: [everything], expected: [everything] },
    {
      sentence: "another effect is another matter",
      tolerations: [scheduling],
      expected: [scheduling, notReady, unreachable],
    },
  ])("$sentence", ({ tolerations, expected }) => {
    const pod = podFixture("web", tolerations ? { tolerations } : {});
    const verdict = defaultTolerationSeconds.review(creationOf(pod), lookupOf());
    expect(verdict).toMatchObject({ kind: "admit", object: { spec: { tolerations: expected } } });
  });
});
