import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, updateKind, updateProblems } from "../kind-fixture.ts";
import { priorityClasses } from "./resource.ts";
import { systemPriorityClasses } from "./system-classes.ts";

const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:";

describe("PriorityClass", () => {
  it.each<[string, object, string[]]>([
    ["a class", { value: 7 }, []],
    ["a negative value", { value: -2_147_483_648 }, []],
    ["the highest value of a user", { value: 1_000_000_000 }, []],
    [
      "one more",
      { value: 1_000_000_001 },
      ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ],
    [
      "a name of the system",
      { metadata: { name: "system-x" }, value: 1 },
      [`metadata.name: Forbidden: ${reserved} system-x is not a known system priority class`],
    ],
    [
      "a system class of another value",
      { metadata: { name: "system-node-critical" }, value: 1 },
      [`metadata.name: Forbidden: ${reserved} value of system-node-critical PriorityClass must be 2000001000`],
    ],
    [
      "a system class as default",
      { metadata: { name: "system-cluster-critical" }, value: 2_000_000_000, globalDefault: true },
      [`metadata.name: Forbidden: ${reserved} globalDefault of system-cluster-critical PriorityClass must be false`],
    ],
    ["never drives out", { value: 1, preemptionPolicy: "Never" }, []],
    ["no policy at all", { value: 1, preemptionPolicy: "" }, ["preemptionPolicy: Required value"]],
    [
      "an odd policy",
      { value: 1, preemptionPolicy: "Always" },
      ['preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"'],
    ],
    [
      "in a namespace",
      { metadata: { namespace: "default" } },
      ["metadata.namespace: Forbidden: not allowed on this type"],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(priorityClasses, value)).toEqual(expected);
  });

  it.each(systemPriorityClasses.map((one) => [one.metadata.name, one] as const))("%s is valid", (_name, one) => {
    expect(priorityClasses.validate(one)).toEqual([]);
  });

  it.each<[string, object, object, string[]]>([
    ["the description changes", { value: 1 }, { value: 1, description: "d", globalDefault: true }, []],
    ["the value changes", { value: 1 }, { value: 2 }, ["value: Forbidden: may not be changed in an update."]],
    [
      "the policy changes",
      { value: 1 },
      { value: 1, preemptionPolicy: "Never" },
      ['preemptionPolicy: Invalid value: "Never": field is immutable'],
    ],
  ])("update: %s", (_sentence, before, after, expected) => {
    expect(updateProblems(priorityClasses, before, after)).toEqual(expected);
  });

  it("drives out others unless it says no; its generation begins and stays", () => {
    expect(createKind(priorityClasses, { value: 1 })).toMatchObject({
      preemptionPolicy: "PreemptLowerPriority",
      metadata: { generation: 1 },
    });
    expect(updateKind(priorityClasses, { value: 1 }, { value: 1, description: "d" }).metadata.generation).toBe(1);
  });

  it("prints", () => {
    const made = createKind(priorityClasses, { value: 7, metadata: { creationTimestamp: "2026-01-01T00:00:00Z" } });
    expect(cellsOf(priorityClasses, made, Date.parse("2026-01-01T01:00:00Z"))).toEqual({
      Name: "a",
      Value: 7,
      "Global-Default": false,
      Age: "60m",
      PreemptionPolicy: "PreemptLowerPriority",
    });
  });
});
