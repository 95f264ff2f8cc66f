import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, updateProblems } from "../kind-fixture.ts";
import { runtimeClasses } from "./resource.ts";

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe("RuntimeClass", () => {
  it.each<[string, object, string[]]>([
    ["a class", { handler: "runc" }, []],
    ["no handler", {}, [`handler: Invalid value: "": ${label}`]],
    ["a handler that is no label", { handler: "a.b" }, [`handler: Invalid value: "a.b": ${label}`]],
    [
      "a name that is no subdomain",
      { handler: "runc", metadata: { name: "My_Class" } },
      [
        expect.stringMatching(
          /^metadata\.name: Invalid value: "My_Class": a lowercase RFC 1123 subdomain must consist/,
        ),
      ],
    ],
    [
      "everything",
      {
        handler: "kata",
        overhead: { podFixed: { cpu: "100m", memory: "64Mi" } },
        scheduling: { nodeSelector: { kata: "yes" }, tolerations: [{ key: "kata", operator: "Exists" }] },
      },
      [],
    ],
    [
      "overhead of an unknown resource",
      { handler: "kata", overhead: { podFixed: { time: "1" } } },
      [
        'overhead.limits[time]: Invalid value: "time": must be a standard resource type or fully qualified',
        'overhead.limits[time]: Invalid value: "time": must be a standard resource for containers',
      ],
    ],
    [
      "a toleration of nothing",
      { handler: "kata", scheduling: { tolerations: [{ value: "x" }] } },
      [
        'scheduling.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(runtimeClasses, value)).toEqual(expected);
  });

  it.each<[string, object, object, string[]]>([
    ["the overhead changes", { handler: "a" }, { handler: "a", overhead: { podFixed: { cpu: "1" } } }, []],
    ["the handler changes", { handler: "a" }, { handler: "b" }, ['handler: Invalid value: "b": field is immutable']],
  ])("update: %s", (_sentence, before, after, expected) => {
    expect(updateProblems(runtimeClasses, before, after)).toEqual(expected);
  });

  it("belongs to no namespace", () => {
    expect(runtimeClasses.namespaced).toBe(false);
  });

  it("prints", () => {
    const made = createKind(runtimeClasses, {
      handler: "runc",
      metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
    });
    const cells = cellsOf(runtimeClasses, made, Date.parse("2026-01-01T00:00:05Z"));
    expect(cells).toEqual({ Name: "a", Handler: "runc", Age: "5s" });
  });
});
