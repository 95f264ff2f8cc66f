import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, readKind, updateProblems } from "../kind-fixture.ts";
import { limitRanges } from "./resource.ts";

const item = (change: object, type = "Container") => ({ spec: { limits: [{ type, ...change }] } });
const at = "spec.limits[0]";

describe("LimitRange", () => {
  it.each<[string, object, string[]]>([
    ["nothing", {}, []],
    ["bounds of a container", item({ min: { cpu: "1" }, max: { cpu: "2" } }), []],
    ["bounds of a pod", item({ min: { cpu: "1" }, max: { cpu: "2" } }, "Pod"), []],
    ["bounds of a claim", item({ max: { storage: "1Gi" } }, "PersistentVolumeClaim"), []],
    ["a type of a vendor", item({}, "example.com/thing"), []],
    [
      "an unknown type",
      item({}, "Thing"),
      [`${at}.type: Invalid value: "Thing": must be a standard limit type or fully qualified`],
    ],
    [
      "a type twice",
      { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } },
      ['spec.limits[1].type: Duplicate value: "Pod"'],
    ],
    [
      "an unknown resource of a container",
      item({ maxLimitRequestRatio: { time: "2" } }),
      [
        `${at}.maxLimitRequestRatio[time]: Invalid value: "time": must be a standard resource type or fully qualified`,
        `${at}.maxLimitRequestRatio[time]: Invalid value: "time": must be a standard resource for containers`,
      ],
    ],
    [
      "storage of a pod",
      item({ max: { storage: "1" } }, "Pod"),
      [`${at}.max[storage]: Invalid value: "storage": must be a standard resource for containers`],
    ],
    ["a device", item({ max: { "example.com/gpu": "1" } }), []],
    [
      "defaults of a pod",
      item({ default: { cpu: "1" }, defaultRequest: { cpu: "1" } }, "Pod"),
      [
        `${at}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
        `${at}.defaultRequest: Forbidden: may not be specified when \`type\` is 'Pod'`,
      ],
    ],
    [
      "a claim without storage",
      item({ max: { cpu: "1" } }, "PersistentVolumeClaim"),
      [`${at}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
    ],
    [
      "more than the most at least",
      item({ min: { cpu: "2" }, max: { cpu: "1" } }, "Pod"),
      [`${at}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`],
    ],
    [
      "a default request below the least",
      item({ min: { cpu: "2" }, defaultRequest: { cpu: "1" } }),
      [`${at}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`],
    ],
    [
      "a default request above the most",
      item({ max: { cpu: "1" }, defaultRequest: { cpu: "2" } }),
      [
        `${at}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1`,
        `${at}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1`,
      ],
    ],
    [
      "a default limit below the least",
      item({ min: { cpu: "2" }, default: { cpu: "1" }, defaultRequest: { cpu: "1" } }),
      [
        `${at}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`,
        `${at}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
      ],
    ],
    [
      "a default limit above the most",
      item({ max: { cpu: "1" }, default: { cpu: "2" }, defaultRequest: { cpu: "1" } }),
      [`${at}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`],
    ],
    [
      "a ratio below one",
      item({ maxLimitRequestRatio: { cpu: "500m" } }),
      [`${at}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1`],
    ],
    ["a ratio that fits", item({ min: { cpu: "500m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "2" } }), []],
    [
      "a ratio that the bounds do not allow",
      item({ min: { cpu: "1" }, max: { cpu: "1500m" }, maxLimitRequestRatio: { cpu: "2" } }),
      [`${at}.maxLimitRequestRatio[cpu]: Invalid value: "2": ratio 2 is greater than max/min = 1.500000`],
    ],
    [
      "a device by default other than its limit",
      item({ default: { "example.com/gpu": "2" }, defaultRequest: { "example.com/gpu": "1" } }),
      [
        `${at}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
      ],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(limitRanges, value)).toEqual(expected);
  });

  it("an update is judged by the same rules", () => {
    const wrong = item({ min: { cpu: "2" }, max: { cpu: "1" } }, "Pod");
    expect(updateProblems(limitRanges, {}, wrong)).toEqual([
      `${at}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
    ]);
  });

  it.each<[string, object, object]>([
    [
      "the limit is the most, and the request the limit",
      item({ max: { cpu: "2" } }),
      { type: "Container", max: { cpu: "2" }, default: { cpu: "2" }, defaultRequest: { cpu: "2" } },
    ],
    [
      "the request is the least",
      item({ min: { cpu: "1" } }),
      { type: "Container", min: { cpu: "1" }, defaultRequest: { cpu: "1" } },
    ],
    [
      "what is said stays",
      item({ max: { cpu: "3" }, default: { cpu: "2" }, defaultRequest: { cpu: "1" } }),
      { type: "Container", max: { cpu: "3" }, default: { cpu: "2" }, defaultRequest: { cpu: "1" } },
    ],
    ["a pod gets none", item({ max: { cpu: "2" } }, "Pod"), { type: "Pod", max: { cpu: "2" } }],
  ])("defaults: %s", (_sentence, value, expected) => {
    expect(readKind(limitRanges, value).spec.limits).toEqual([expected]);
  });

  it("prints", () => {
    const made = createKind(limitRanges, { metadata: { creationTimestamp: "2026-01-01T00:00:00Z" } });
    expect(cellsOf(limitRanges, made, 0)).toEqual({ Name: "a", "Created At": "2026-01-01T00:00:00Z" });
  });
});
