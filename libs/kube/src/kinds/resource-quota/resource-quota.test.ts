import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, statusProblems, updateProblems } from "../kind-fixture.ts";
import { resourceQuotas } from "./resource.ts";

const quota = (spec: object) => ({ spec });
const selecting = (requirement: object, hard: object = {}) =>
  quota({ hard, scopeSelector: { matchExpressions: [requirement] } });
const expressions = "spec.scopeSelector.matchExpressions";

describe("ResourceQuota", () => {
  it.each<[string, object, string[]]>([
    ["nothing", {}, []],
    [
      "all that can be counted",
      quota({
        hard: {
          cpu: "1",
          "requests.memory": "1Gi",
          "limits.ephemeral-storage": "1Gi",
          "requests.storage": "1Gi",
          "services.nodeports": "0",
          "hugepages-2Mi": "4Mi",
          "requests.hugepages-2Mi": "4Mi",
          "count/deployments.apps": "3",
          "requests.example.com/gpu": "4",
        },
      }),
      [],
    ],
    [
      "what is not a resource",
      quota({ hard: { time: "1" } }),
      [
        'spec.hard[time]: Invalid value: "time": must be a standard resource type or fully qualified',
        'spec.hard[time]: Invalid value: "time": must be a standard resource for quota',
      ],
    ],
    [
      "storage, which claims request",
      quota({ hard: { storage: "1" } }),
      ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
    ],
    [
      "less than nothing",
      quota({ hard: { cpu: "-1" } }),
      ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    ["half a pod", quota({ hard: { pods: "500m" } }), ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ["within a scope", quota({ hard: { cpu: "1", pods: "1" }, scopes: ["NotTerminating"] }), []],
    [
      "an unknown scope",
      quota({ scopes: ["Big"] }),
      ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"Big"}: unsupported scope'],
    ],
    [
      "amounts of pods that ask for none",
      quota({ hard: { cpu: "1", pods: "1" }, scopes: ["BestEffort"] }),
      ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: unsupported scope applied to resource'],
    ],
    [
      "scopes that exclude each other",
      quota({ scopes: ["Terminating", "NotTerminating"] }),
      ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"Terminating", "NotTerminating"}: conflicting scopes'],
    ],
    ["a priority class", selecting({ scopeName: "PriorityClass", operator: "In", values: ["high"] }), []],
    ["any priority class", selecting({ scopeName: "PriorityClass", operator: "Exists" }), []],
    [
      "a scope that has no values",
      selecting({ scopeName: "BestEffort", operator: "In", values: ["x"] }),
      [
        `${expressions}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ],
    ],
    [
      "none of no values",
      selecting({ scopeName: "PriorityClass", operator: "NotIn" }),
      [
        `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
      ],
    ],
    [
      "existence with a value",
      selecting({ scopeName: "PriorityClass", operator: "DoesNotExist", values: ["x"] }),
      [
        `${expressions}.values: Invalid value: []string{"x"}: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
      ],
    ],
    [
      "an unknown scope and operator",
      selecting({ scopeName: "Big", operator: "Is" }),
      [
        `${expressions}.scopeName: Invalid value: "Big": unsupported scope`,
        `${expressions}.operator: Invalid value: "Is": not a valid selector operator`,
      ],
    ],
    [
      "secrets of a priority",
      selecting({ scopeName: "PriorityClass", operator: "Exists" }, { secrets: "1" }),
      [
        `${expressions}: Invalid value: {"matchExpressions":[{"scopeName":"PriorityClass","operator":"Exists"}]}: unsupported scope applied to resource`,
      ],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(resourceQuotas, value)).toEqual(expected);
  });

  it.each<[string, object, object, string[]]>([
    ["the amounts change", quota({ hard: { cpu: "1" } }), quota({ hard: { cpu: "2" } }), []],
    [
      "the scopes change places",
      quota({ scopes: ["BestEffort", "Terminating"] }),
      quota({ scopes: ["Terminating", "BestEffort"] }),
      [],
    ],
    [
      "a scope goes",
      quota({ scopes: ["BestEffort"] }),
      quota({}),
      ["spec.scopes: Invalid value: []core.ResourceQuotaScope{}: field is immutable"],
    ],
    [
      "a scope comes",
      quota({}),
      quota({ scopes: ["BestEffort"] }),
      ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: field is immutable'],
    ],
  ])("update: %s", (_sentence, before, after, expected) => {
    expect(updateProblems(resourceQuotas, before, after)).toEqual(expected);
  });

  it.each<[string, object, string[]]>([
    ["usage", { hard: { cpu: "1" }, used: { cpu: "500m" } }, []],
    [
      "usage of nothing known",
      { hard: { cpu: "-1" }, used: { storage: "1" } },
      [
        'status.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'status.used[storage]: Invalid value: "storage": must be a standard resource for quota',
      ],
    ],
  ])("status: %s", (_sentence, status, expected) => {
    expect(statusProblems(resourceQuotas, {}, status)).toEqual(expected);
  });

  it("begins with an empty status", () => {
    expect(createKind(resourceQuotas, { spec: {}, status: { used: { cpu: "1" } } }).status).toEqual({});
  });

  it("prints what is used", () => {
    const made = createKind(resourceQuotas, { metadata: { creationTimestamp: "2026-01-01T00:00:00Z" } });
    const now = Date.parse("2026-01-03T00:00:00Z");
    expect(cellsOf(resourceQuotas, made, now)).toEqual({ Name: "a", Request: "", Limit: "", Age: "2d" });
    const hard = { pods: "10", cpu: "2", "limits.memory": "2Gi", "limits.cpu": "4", "requests.cpu": "2" };
    const status = { hard, used: { cpu: "500m", "limits.cpu": "1", pods: "1" } };
    expect(cellsOf(resourceQuotas, { ...made, status }, now)).toEqual({
      Name: "a",
      Request: "cpu: 500m/2, pods: 1/10, requests.cpu: 0/2",
      Limit: "limits.cpu: 1/4, limits.memory: 0/2Gi",
      Age: "2d",
    });
  });
});
