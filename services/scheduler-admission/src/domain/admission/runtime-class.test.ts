import type { PodSpec, RuntimeClass } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { runtimeClass } from "./runtime-class.ts";

const classes = (change: Partial<RuntimeClass> = {}) =>
  lookupOf({
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "kata" },
    handler: "kata",
    ...change,
  } as RuntimeClass);
const review = (spec: Partial<PodSpec>, change?: Partial<RuntimeClass>) =>
  runtimeClass.review(creationOf(podFixture("web", spec)), classes(change));

describe("RuntimeClass", () => {
  it("a pod without one stays as it is", () => {
    const pod = podFixture("web");
    expect(runtimeClass.review(creationOf(pod), classes())).toEqual({ kind: "admit", object: pod, warnings: [] });
  });

  it("a pod of a class needs what the class needs and goes where it can run", () => {
    const verdict = review(
      { runtimeClassName: "kata", nodeSelector: { disk: "fast" }, tolerations: [{ key: "a", operator: "Exists" }] },
      {
        overhead: { podFixed: { memory: "64Mi" } },
        scheduling: { nodeSelector: { kata: "yes" }, tolerations: [{ key: "kata", operator: "Exists" }] },
      },
    );
    expect(verdict).toMatchObject({
      kind: "admit",
      object: {
        spec: {
          overhead: { memory: "64Mi" },
          nodeSelector: { disk: "fast", kata: "yes" },
          tolerations: [
            { key: "a", operator: "Exists" },
            { key: "kata", operator: "Exists" },
          ],
        },
      },
    });
  });

  it("a class without scheduling asks nothing of the node", () => {
    const spec = { nodeSelector: { disk: "fast" }, tolerations: [{ key: "a", operator: "Exists" }] };
    expect(review({ runtimeClassName: "kata", ...spec })).toMatchObject({ kind: "admit", object: { spec } });
  });

  it("a pod may say the same overhead itself", () => {
    const verdict = review(
      { runtimeClassName: "kata", overhead: { cpu: "1000m" } },
      { overhead: { podFixed: { cpu: "1" } } },
    );
    expect(verdict.kind).toBe("admit");
  });

  it.each<[string, Partial<PodSpec>, Partial<RuntimeClass>, string]>([
    ["an unknown class", { runtimeClassName: "gvisor" }, {}, 'pod rejected: RuntimeClass "gvisor" not found'],
    [
      "overhead of one's own",
      { overhead: { cpu: "1" } },
      {},
      "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    ],
    [
      "other overhead than the class has",
      { runtimeClassName: "kata", overhead: { cpu: "2" } },
      { overhead: { podFixed: { cpu: "1" } } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      "another node than the class needs",
      { runtimeClassName: "kata", nodeSelector: { kata: "no" } },
      { scheduling: { nodeSelector: { kata: "yes" } } },
      "conflict: runtimeClass.scheduling.nodeSelector[kata] = yes; pod.spec.nodeSelector[kata] = no",
    ],
  ])("refuses %s", (_sentence, spec, change, problem) => {
    expect(review(spec, change)).toMatchObject({
      kind: "refuse",
      status: { code: 403, message: `pods "web" is forbidden: ${problem}` },
    });
  });
});
