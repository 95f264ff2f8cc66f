import { describe, expect, it } from "vitest";
import {
  type DeletionDecision,
  type DeletionRequest,
  type DeletionSubject,
  decideDeletion,
} from "./decide-deletion.ts";

const now = Date.UTC(2026, 0, 1, 0, 0, 0);
const pod: DeletionSubject = {
  graceful: true,
  uid: "u1",
  resourceVersion: "7",
  finalizers: [],
  defaultGracePeriodSeconds: 30,
  scheduled: true,
  terminal: false,
};
const deleting = { ...pod, deletionTimestamp: "2026-01-01T00:00:20Z", deletionGracePeriodSeconds: 30 };
const at = (second: string, gracePeriodSeconds: number): DeletionDecision => ({
  kind: "mark",
  deletionTimestamp: `2026-01-01T00:00:${second}Z`,
  gracePeriodSeconds,
});
const remove: DeletionDecision = { kind: "remove" };

const cases: Record<string, [DeletionSubject, DeletionRequest, DeletionDecision]> = {
  "a running pod gets its own grace period": [pod, {}, at("30", 30)],
  "the caller's grace period wins": [pod, { gracePeriodSeconds: 5 }, at("05", 5)],
  "a negative grace period is one second": [pod, { gracePeriodSeconds: -1 }, at("01", 1)],
  "grace 0 removes at once": [pod, { gracePeriodSeconds: 0 }, remove],
  "a pod without a node goes at once": [{ ...pod, scheduled: false }, {}, remove],
  "a pod that has ended goes at once": [{ ...pod, terminal: true }, {}, remove],
  "a longer grace period does not prolong": [deleting, { gracePeriodSeconds: 60 }, { kind: "already-deleting" }],
  "the same grace period changes nothing": [deleting, {}, { kind: "already-deleting" }],
  "a shorter one counts from the first deletion": [
    { ...deleting, deletionTimestamp: "2026-01-01T00:00:30Z" },
    { gracePeriodSeconds: 10 },
    at("10", 10),
  ],
  "grace 0 removes what is already going": [deleting, { gracePeriodSeconds: 0 }, remove],
  "finalizers keep the object, marked": [{ ...pod, finalizers: ["a/b"], scheduled: false }, {}, at("00", 0)],
  "finalizers keep it under force, too": [{ ...pod, finalizers: ["a/b"] }, { gracePeriodSeconds: 0 }, at("00", 0)],
  "a held object that is marked stays as it is": [
    {
      ...pod,
      graceful: false,
      finalizers: ["a/b"],
      deletionTimestamp: "2026-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 0,
    },
    {},
    { kind: "already-deleting" },
  ],
  "other kinds have no grace": [{ ...pod, graceful: false }, { gracePeriodSeconds: 30 }, remove],
  "another uid is refused": [
    pod,
    { preconditionUid: "u2" },
    { kind: "refuse", message: "Precondition failed: UID in precondition: u2, UID in object meta: u1" },
  ],
  "another resourceVersion is refused": [
    pod,
    { preconditionUid: "u1", preconditionResourceVersion: "6" },
    {
      kind: "refuse",
      message: "Precondition failed: ResourceVersion in precondition: 6, ResourceVersion in object meta: 7",
    },
  ],
};

describe("decideDeletion", () => {
  it.each(Object.entries(cases))("%s", (_name, [subject, request, expected]) => {
    expect(decideDeletion(subject, request, now)).toEqual(expected);
  });
});
