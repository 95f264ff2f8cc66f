import { describe, expect, it } from "vitest";
import { parseImageReference } from "./image-reference.ts";
import {
  decidePull,
  type PullDecision,
  type PullQuestion,
  parsePullPolicy,
  type StoredImage,
} from "./pull-decision.ts";

const stored: StoredImage = { id: "sha256:1", names: ["docker.io/library/app:1"], repoDigests: [], sizeBytes: 7n };
const parsed = parseImageReference("app:1");
if (!parsed.ok) throw new Error(parsed.message);
const base: PullQuestion = {
  image: "app:1",
  policy: "IfNotPresent",
  parsed,
  present: undefined,
  accessible: true,
  backOff: undefined,
};
const waiting = {
  cause: "no route",
  attempt: 3,
  untilMs: Date.UTC(2026, 0, 1, 0, 0, 39, 400),
  remainingMs: 39_400,
};

const pull: PullDecision = { kind: "pull", reference: parsed.reference };
const use: PullDecision = { kind: "use-present", image: stored };
const never: PullDecision = {
  kind: "refuse",
  reason: "ErrImageNeverPull",
  message: 'Container image "app:1" is not present with pull policy of Never',
};
const wait: PullDecision = {
  kind: "wait",
  reason: "ImagePullBackOff",
  message: 'Back-off pulling image "app:1": no route (attempt 3, next try at 2026-01-01T00:00:40Z)',
  remainingMs: 39_400,
};

describe("decidePull", () => {
  const table: [string, Partial<PullQuestion>, PullDecision][] = [
    ["IfNotPresent pulls an absent image", {}, pull],
    ["IfNotPresent uses a present image", { present: stored }, use],
    ["IfNotPresent pulls a present image that the pod may not use", { present: stored, accessible: false }, pull],
    [
      "IfNotPresent waits out a failure although an image is here that the pod may not use",
      { present: stored, accessible: false, backOff: waiting },
      wait,
    ],
    [
      "Never refuses a present image that the pod may not use",
      { policy: "Never", present: stored, accessible: false },
      never,
    ],
    ["IfNotPresent waits out a failure", { backOff: waiting }, wait],
    ["IfNotPresent uses an image that appeared during the wait", { present: stored, backOff: waiting }, use],
    ["IfNotPresent tries again when the wait is over", { backOff: { ...waiting, remainingMs: 0 } }, pull],
    ["Always asks the registry although the image is here", { policy: "Always", present: stored }, pull],
    [
      "Always waits out a failure although the image is here",
      { policy: "Always", present: stored, backOff: waiting },
      wait,
    ],
    ["Never uses a present image", { policy: "Never", present: stored }, use],
    ["Never refuses an absent image", { policy: "Never" }, never],
    ["Never refuses without regard to failures", { policy: "Never", backOff: waiting }, never],
    [
      "a malformed name is refused whatever the policy",
      { image: "A:", parsed: parseImageReference("A:"), policy: "Never" },
      {
        kind: "refuse",
        reason: "InvalidImageName",
        message:
          'Failed to apply default image tag "A:": couldn\'t parse image reference "A:": ' +
          "invalid reference format: repository name (library/A) must be lowercase",
      },
    ],
  ];
  it.each(table)("%s", (_sentence, mutation, expected) => {
    expect(decidePull({ ...base, ...mutation })).toEqual(expected);
  });
});

describe("parsePullPolicy", () => {
  it.each([
    ["Always", "Always"],
    ["IfNotPresent", "IfNotPresent"],
    ["Never", "Never"],
    ["", "IfNotPresent"],
    ["always", undefined],
  ])("%j is %j", (text, expected) => {
    expect(parsePullPolicy(text)).toBe(expected);
  });
});
