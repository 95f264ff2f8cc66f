import type { Toleration } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { mergeTolerations } from "./merge-tolerations.ts";

const equal: Toleration = { key: "k", operator: "Equal", value: "v", effect: "NoSchedule" };
const exists: Toleration = { key: "k", operator: "Exists" };
const everything: Toleration = { operator: "Exists" };
const other: Toleration = { key: "other", operator: "Exists" };
const forAWhile = (tolerationSeconds: number): Toleration => ({
  key: "k",
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
});

describe("mergeTolerations", () => {
  it.each<[string, Toleration[], Toleration[], Toleration[]]>([
    ["different ones are all kept", [equal], [other], [equal, other]],
    ["equal ones are one", [equal], [equal], [equal]],
    ["the wider one stays", [equal], [exists], [exists]],
    ["in whatever order", [exists], [equal], [exists]],
    ["everything covers all", [equal, other], [everything], [everything]],
    ["another value is another matter", [equal], [{ ...equal, value: "w" }], [equal, { ...equal, value: "w" }]],
    ["another effect too", [equal], [{ ...equal, effect: "NoExecute" }], [equal, { ...equal, effect: "NoExecute" }]],
    ["the longer time covers the shorter", [forAWhile(5)], [forAWhile(9)], [forAWhile(9)]],
    ["nothing", [], [], []],
  ])("%s", (_sentence, first, second, expected) => {
    expect(mergeTolerations(first, second)).toEqual(expected);
  });
});
