import { type PodSpec, type PriorityClass, priorityClasses, systemPriorityClasses } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { priority } from "./priority.ts";

const classOf = (name: string, value: number, change: Partial<PriorityClass> = {}): PriorityClass => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value,
  preemptionPolicy: "PreemptLowerPriority",
  ...change,
});
const gold = classOf("gold", 100, { preemptionPolicy: "Never" });
const usual = classOf("usual", 10, { globalDefault: true });

const review = (spec: Partial<PodSpec>, ...more: PriorityClass[]) =>
  priority.review(creationOf(podFixture("web", spec)), lookupOf(...systemPriorityClasses, gold, ...more));

describe("Priority of a pod", () => {
  it.each<[string, Partial<PodSpec>, PriorityClass[], Partial<PodSpec>]>([
    ["0 without a class", {}, [], { priority: 0, preemptionPolicy: "PreemptLowerPriority" }],
    ["0 said twice", { priority: 0 }, [], { priority: 0 }],
    [
      "that of a class of the system",
      { priorityClassName: "system-node-critical" },
      [],
      { priority: 2_000_001_000, preemptionPolicy: "PreemptLowerPriority" },
    ],
    [
      "that of a class of the user, with its policy",
      { priorityClassName: "gold" },
      [],
      { priority: 100, preemptionPolicy: "Never" },
    ],
    ["that of the default class, with its name", {}, [usual], { priorityClassName: "usual", priority: 10 }],
    [
      "that of the lesser one of two defaults",
      {},
      [usual, classOf("other", 5, { globalDefault: true })],
      { priorityClassName: "other", priority: 5 },
    ],
    ["the named class before the default one", { priorityClassName: "gold" }, [usual], { priority: 100 }],
  ])("%s", (_sentence, spec, more, expected) => {
    expect(review(spec, ...more)).toMatchObject({ kind: "admit", object: { spec: expected } });
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ["an unknown class", { priorityClassName: "silver" }, "no PriorityClass with name silver was found"],
    [
      "a number of one's own",
      { priority: 7 },
      "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
    ],
    [
      "a policy of one's own",
      { preemptionPolicy: "Never" },
      "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
    ],
  ])("refuses %s", (_sentence, spec, problem) => {
    expect(review(spec)).toMatchObject({
      kind: "refuse",
      status: { code: 403, message: `pods "web" is forbidden: ${problem}` },
    });
  });

  it("is kept by a pod that is replaced without it", () => {
    const oldObject = podFixture("web", { priority: 100, preemptionPolicy: "Never", priorityClassName: "gold" });
    const object = podFixture("web", { priorityClassName: "gold" });
    const request = creationOf(object, { operation: "update", oldObject });
    expect(priority.review(request, lookupOf())).toMatchObject({
      kind: "admit",
      object: { spec: { priority: 100, preemptionPolicy: "Never" } },
    });
  });
});

describe("the default PriorityClass", () => {
  const reviewClass = (object: PriorityClass, operation: "create" | "update" = "create") =>
    priority.review(creationOf(object, { operation, resource: priorityClasses }), lookupOf(usual));

  it.each<[string, PriorityClass, "create" | "update"]>([
    ["a class that is no default", gold, "create"],
    ["the default itself, again", { ...usual, description: "d" }, "update"],
  ])("admits %s", (_sentence, object, operation) => {
    expect(reviewClass(object, operation)).toEqual({ kind: "admit", object, warnings: [] });
  });

  it.each(["create", "update"] as const)("refuses a second one (%s)", (operation) => {
    expect(reviewClass(classOf("other", 5, { globalDefault: true }), operation)).toMatchObject({
      kind: "refuse",
      status: {
        message:
          'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
      },
    });
  });
});
