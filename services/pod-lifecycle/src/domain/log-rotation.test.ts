import { describe, expect, it } from "vitest";
import { planRotation, type RotationPlan } from "./log-rotation.ts";

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const now = "0.log.20260102-030405";
const old = (day: number, suffix = "") => `0.log.2026010${day}-000000${suffix}`;

const cases: readonly [string, { bytes?: number; names?: string[]; maxFiles?: number }, RotationPlan][] = [
  ["a log that is small enough", { bytes: 100 }, { remove: [], compress: [], putAsideAs: undefined }],
  ["one that is larger is put aside", {}, { remove: [], compress: [], putAsideAs: now }],
  [
    "what was put aside before is compressed, once",
    { names: [old(2), old(1, ".gz")] },
    { remove: [], compress: [old(2)], putAsideAs: now },
  ],
  [
    "more than may be kept: the oldest go",
    { names: [old(4), old(3, ".gz"), old(2, ".gz"), old(1, ".gz")] },
    { remove: [old(1, ".gz")], compress: [old(4)], putAsideAs: now },
  ],
  [
    "two files: the current one and the one before",
    { names: [old(1)], maxFiles: 2 },
    { remove: [old(1)], compress: [], putAsideAs: now },
  ],
  [
    "what a killed compression left goes",
    { names: [old(1), old(1, ".gz.tmp")] },
    { remove: [old(1, ".gz.tmp")], compress: [old(1)], putAsideAs: now },
  ],
  [
    "files of other runs, and of others, stay",
    { names: ["0.log", "1.log", "1.log.20260101-000000", "10.log.20260101-000000", "0.log.mine"] },
    { remove: [], compress: [], putAsideAs: now },
  ],
];

describe("the rotation of a log", () => {
  it.each(cases)("%s", (_, { bytes = 101, names = [], maxFiles = 5 }, plan) => {
    expect(planRotation("0.log", { names, bytes, nowMs }, { maxBytes: 100, maxFiles })).toEqual(plan);
  });
});
