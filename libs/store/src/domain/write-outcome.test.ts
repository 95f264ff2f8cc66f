import { describe, expect, it } from "vitest";
import { decideOutcome, type WriteTrace } from "./write-outcome.ts";

const write: WriteTrace = { writeId: "mine", expected: 7 };

const cases: Record<string, { found: Partial<WriteTrace> | undefined; outcome: string }> = {
  "our own id is there": { found: { writeId: "mine", expected: 7 }, outcome: "landed" },
  "another write stands on the same message": { found: { writeId: "other", expected: 7 }, outcome: "lost" },
  "the message that stood on it has been removed": { found: { writeId: "other", expected: 9 }, outcome: "unknown" },
  "a message without our headers": { found: {}, outcome: "unknown" },
  "nothing is left": { found: undefined, outcome: "unknown" },
};

describe("decideOutcome", () => {
  for (const [sentence, { found, outcome }] of Object.entries(cases)) {
    it(`${sentence}: ${outcome}`, () => expect(decideOutcome(write, found)).toBe(outcome));
  }
});
