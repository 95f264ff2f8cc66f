import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { decideEviction, type EvictionWish } from "./decide-eviction.ts";

const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "u1", resourceVersion: "7" },
  spec: { containers: [] },
};
const deleted: Pod = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
const wish: EvictionWish = {
  name: "web",
  uid: "",
  gracePeriodSeconds: undefined,
  preconditionUid: "",
  preconditionResourceVersion: "",
};

describe("decideEviction", () => {
  it.each([
    { sentence: "a pod that runs is deleted", pod, change: {}, expected: { kind: "delete", uid: "u1" } },
    {
      sentence: "the incarnation that is meant is deleted",
      pod,
      change: { uid: "u1" },
      expected: { kind: "delete", uid: "u1" },
    },
    {
      sentence: "a pod that has ended is deleted",
      pod: { ...pod, status: { phase: "Failed" } },
      change: {},
      expected: { kind: "delete", uid: "u1" },
    },
    { sentence: "a pod that is going is done", pod: deleted, change: {}, expected: { kind: "done" } },
    {
      sentence: "a pod that is going may go faster",
      pod: deleted,
      change: { gracePeriodSeconds: 1 },
      expected: { kind: "delete", uid: "u1" },
    },
    {
      sentence: "preconditions that hold",
      pod,
      change: { preconditionUid: "u1", preconditionResourceVersion: "7" },
      expected: { kind: "delete", uid: "u1" },
    },
  ])("$sentence", ({ pod: stored, change, expected }) => {
    expect(decideEviction(stored, { ...wish, ...change })).toEqual(expected);
  });

  it.each([
    {
      sentence: "no pod of this name",
      pod: undefined,
      change: {},
      code: 404,
      reason: "NotFound",
      message: 'pods "web" not found',
    },
    {
      sentence: "another incarnation",
      pod,
      change: { uid: "u0" },
      code: 404,
      reason: "NotFound",
      message: 'pods "web" not found',
    },
    {
      sentence: "another uid than the precondition's",
      pod: deleted,
      change: { preconditionUid: "u0" },
      code: 409,
      reason: "Conflict",
      message:
        'Operation cannot be fulfilled on pods "web": the UID in the precondition (u0) does not match the UID in record (u1). The object might have been deleted and then recreated',
    },
    {
      sentence: "another version than the precondition's",
      pod,
      change: { preconditionResourceVersion: "6" },
      code: 409,
      reason: "Conflict",
      message:
        'Operation cannot be fulfilled on pods "web": the ResourceVersion in the precondition (6) does not match the ResourceVersion in record (7). The object might have been modified',
    },
  ])("refuses $sentence", ({ pod: stored, change, code, reason, message }) => {
    const status = { code, reason, message };
    expect(decideEviction(stored, { ...wish, ...change })).toMatchObject({ kind: "refuse", status });
  });
});
