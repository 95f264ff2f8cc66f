import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { priority } from "./priority.ts";

const review = (spec: Parameters<typeof podFixture>[1]) =>
  priority.review(creationOf(podFixture("web", spec)), lookupOf());

describe("Priority", () => {
  it.each([
    { sentence: "0 without a class", spec: {}, value: 0 },
    { sentence: "0 said twice", spec: { priority: 0 }, value: 0 },
    { sentence: "that of a built-in class", spec: { priorityClassName: "system-node-critical" }, value: 2_000_001_000 },
    {
      sentence: "that of the other built-in class",
      spec: { priorityClassName: "system-cluster-critical" },
      value: 2_000_000_000,
    },
  ])("$sentence", ({ spec, value }) => {
    expect(review(spec)).toMatchObject({
      kind: "admit",
      object: { spec: { priority: value, preemptionPolicy: "PreemptLowerPriority" } },
    });
  });

  it("keeps the preemption policy of the pod", () => {
    expect(review({ preemptionPolicy: "Never" })).toMatchObject({ object: { spec: { preemptionPolicy: "Never" } } });
  });

  it.each([
    {
      sentence: "an unknown class",
      spec: { priorityClassName: "gold" },
      message: 'pods "web" is forbidden: no PriorityClass with name gold was found',
    },
    {
      sentence: "a number of one's own",
      spec: { priority: 7 },
      message:
        'pods "web" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    },
  ])("refuses $sentence", ({ spec, message }) => {
    expect(review(spec)).toMatchObject({ kind: "refuse", status: { code: 403, message } });
  });
});
