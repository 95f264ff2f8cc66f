import type { PodStatus } from "@podbus/kube";
import { expect, test } from "vitest";
import { canonicalText, isUrgent } from "./same-status.ts";

const base: PodStatus = {
  phase: "Pending",
  conditions: [{ type: "Ready", status: "False" }],
  containerStatuses: [
    {
      name: "a",
      ready: false,
      restartCount: 0,
      image: "",
      imageID: "",
      state: { waiting: { reason: "ContainerCreating" } },
    },
  ],
};
const withState = (state: object, more: object = {}): PodStatus => ({
  ...base,
  containerStatuses: base.containerStatuses?.map((c) => ({ ...c, state, ...more })) ?? [],
});

test("the order of keys makes no difference", () => {
  expect(canonicalText({ a: 1, b: [{ c: 1, d: 2 }] })).toBe(canonicalText({ b: [{ d: 2, c: 1 }], a: 1 }));
});

test.each<[string, PodStatus, boolean]>([
  ["the same", base, false],
  ["an address", { ...base, podIP: "10.1.0.5" }, false],
  [
    "the network's condition",
    { ...base, conditions: [...(base.conditions ?? []), { type: "PodReadyToStartContainers", status: "True" }] },
    false,
  ],
  ["a waiting message", withState({ waiting: { reason: "ContainerCreating", message: "x" } }), false],
  ["the phase", { ...base, phase: "Running" }, true],
  ["Ready", { ...base, conditions: [{ type: "Ready", status: "True" }] }, true],
  ["a waiting reason", withState({ waiting: { reason: "ErrImagePull" } }), true],
  ["a container that runs", withState({ running: {} }), true],
  ["a restart", withState({ waiting: { reason: "ContainerCreating" } }, { restartCount: 1 }), true],
])("%s", (_, next, expected) => {
  expect(isUrgent(next, base)).toBe(expected);
});

test("the first status is urgent", () => expect(isUrgent(base, undefined)).toBe(true));
