import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import { podWith, podWithContainer } from "./pod-fixture.ts";
import { pods } from "./resource.ts";
import type { Pod } from "./schema.ts";

const other =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const toleration = { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 1 };

describe("validation of a pod's update", () => {
  it.each<[string, Pod, Pod, string[]]>([
    ["nothing changes", podWith(), podWith(), []],
    ["a label changes", podWith(), podWith({}, { labels: { a: "b" } }), []],
    ["the image changes", podWith(), podWithContainer({ image: "nginx:1.28", imagePullPolicy: "IfNotPresent" }), []],
    [
      "the image goes",
      podWith(),
      podWithContainer({ image: "", imagePullPolicy: "IfNotPresent" }),
      ["spec.containers[0].image: Required value"],
    ],
    [
      "the command changes",
      podWith(),
      podWithContainer({ command: ["a"] }),
      [`${other}\nchanged: spec.containers[0].command`],
    ],
    ["the node changes", podWith({ nodeName: "a" }), podWith({ nodeName: "b" }), [`${other}\nchanged: spec.nodeName`]],
    [
      "a container comes",
      podWith(),
      podWith({
        containers: [
          { name: "main", image: "nginx:1.27" },
          { name: "b", image: "i" },
        ],
      }),
      ["spec.containers: Forbidden: pod updates may not add or remove containers"],
    ],
    [
      "an init container comes",
      podWith(),
      podWith({ initContainers: [{ name: "b", image: "i" }] }),
      ["spec.initContainers: Forbidden: pod updates may not add or remove containers"],
    ],
    [
      "an init container's image changes",
      podWith({ initContainers: [{ name: "b", image: "i:1" }] }),
      podWith({ initContainers: [{ name: "b", image: "i:2" }] }),
      [],
    ],
    [
      "an init container's command changes",
      podWith({ initContainers: [{ name: "b", image: "i:1" }] }),
      podWith({ initContainers: [{ name: "b", image: "i:1", command: ["a"] }] }),
      [`${other}\nchanged: spec.initContainers[0].command`],
    ],
    [
      "an ephemeral container comes",
      podWith(),
      podWith({ ephemeralContainers: [{ name: "debug", image: "i" }] }),
      [`${other}\nchanged: spec.ephemeralContainers`],
    ],
    ["the deadline is set", podWith(), podWith({ activeDeadlineSeconds: 5 }), []],
    ["the deadline comes nearer", podWith({ activeDeadlineSeconds: 9 }), podWith({ activeDeadlineSeconds: 5 }), []],
    [
      "the deadline moves away",
      podWith({ activeDeadlineSeconds: 5 }),
      podWith({ activeDeadlineSeconds: 9 }),
      ["spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value"],
    ],
    [
      "the deadline goes",
      podWith({ activeDeadlineSeconds: 5 }),
      podWith(),
      ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"],
    ],
    ["a toleration comes", podWith(), podWith({ tolerations: [toleration] }), []],
    [
      "a toleration's seconds change",
      podWith({ tolerations: [toleration] }),
      podWith({ tolerations: [{ ...toleration, tolerationSeconds: 9 }] }),
      [],
    ],
    [
      "a toleration goes",
      podWith({ tolerations: [toleration] }),
      podWith(),
      ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"],
    ],
    [
      "a negative grace period becomes 1",
      podWith({ terminationGracePeriodSeconds: -1 }),
      podWith({ terminationGracePeriodSeconds: 1 }),
      [],
    ],
    [
      "the grace period changes",
      podWith(),
      podWith({ terminationGracePeriodSeconds: 1 }),
      [`${other}\nchanged: spec.terminationGracePeriodSeconds`],
    ],
    ["a gate goes", podWith({ schedulingGates: [{ name: "g" }] }), podWith(), []],
    [
      "a gate comes",
      podWith(),
      podWith({ schedulingGates: [{ name: "g" }] }),
      ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
    ],
    [
      "the uid changes",
      podWith({}, { uid: "1" }),
      podWith({}, { uid: "2" }),
      ['metadata.uid: Invalid value: "2": field is immutable'],
    ],
    [
      "the name changes",
      podWith({}, { name: "a" }),
      podWith({}, { name: "b" }),
      ['metadata.name: Invalid value: "b": field is immutable'],
    ],
    [
      "the namespace changes",
      podWith({}, { namespace: "a" }),
      podWith({}, { namespace: "b" }),
      ['metadata.namespace: Invalid value: "b": field is immutable'],
    ],
    [
      "the time of creation changes",
      podWith({}, { creationTimestamp: "2026-01-01T00:00:00Z" }),
      podWith({}, { creationTimestamp: "2026-01-02T00:00:00Z" }),
      ['metadata.creationTimestamp: Invalid value: "2026-01-02T00:00:00Z": field is immutable'],
    ],
    ["the generation grows", podWith({}, { generation: 1 }), podWith({}, { generation: 2 }), []],
    [
      "the generation shrinks",
      podWith({}, { generation: 2 }),
      podWith({}, { generation: 1 }),
      ["metadata.generation: Invalid value: 1: must not be decremented"],
    ],
    [
      "a finalizer comes while it is deleted",
      podWith({}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      podWith({}, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a.b/c"] }),
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/c"}',
      ],
    ],
  ])("%s", (_sentence, previous, next, expected) => {
    expect(pods.validateUpdate(next, previous).map(printFieldError)).toEqual(expected);
  });

  it("an update keeps the status and what the server owns, a status update keeps the spec", () => {
    const stored = {
      ...podWith({}, { uid: "1", creationTimestamp: "2026-01-01T00:00:00Z" }),
      status: { phase: "Running" },
    };
    const sent = { ...podWith({}, { labels: { a: "b" } }), status: { phase: "Failed" } };
    expect(pods.prepareForUpdate(sent, stored)).toMatchObject({
      metadata: { uid: "1", creationTimestamp: "2026-01-01T00:00:00Z", labels: { a: "b" } },
      status: { phase: "Running" },
    });
    const changed = { ...podWithContainer({ image: "evil" }), status: { phase: "Failed" } };
    const updated = pods.prepareForStatusUpdate(changed, stored);
    expect(updated.spec).toEqual(stored.spec);
    expect(updated.status).toEqual({ phase: "Failed" });
  });

  it("names of conditions are label keys", () => {
    const stored = podWith();
    const statusWith = (...types: string[]): Pod => ({
      ...stored,
      status: { phase: "Running", conditions: types.map((type) => ({ type, status: "True" })) },
    });
    expect(pods.validateStatusUpdate(statusWith("Ready", "example.com/feature-1"), stored)).toEqual([]);
    const problems = pods.validateStatusUpdate(statusWith("Ready", "a b"), stored).map(printFieldError);
    expect(problems).toEqual([
      expect.stringMatching(/^status\.conditions\[1\]\.Type: Invalid value: "a b": name part must/),
    ]);
  });
});
