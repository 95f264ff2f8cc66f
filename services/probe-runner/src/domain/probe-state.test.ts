import { describe, expect, it } from "vitest";
import {
  type AttemptResult,
  initialState,
  nextVerdict,
  type ProbeKindName,
  type Thresholds,
  type VerdictName,
} from "./probe-state.ts";

const once: Thresholds = { success: 1, failure: 1 };
const letters: Readonly<Record<string, AttemptResult>> = { s: "Success", f: "Failure", u: "Unknown" };

/** Feeds attempts ("s", "f", "u"); writes S or F for the verdict after each, with "!" where it changed; "." ends it. */
function play(kind: ProbeKindName, thresholds: Thresholds, attempts: string, known?: VerdictName): string {
  let state = initialState(kind, known);
  let written = state.verdict.charAt(0);
  for (const letter of attempts) {
    if (state.ended) break;
    const step = nextVerdict(kind, thresholds, state, letters[letter] ?? "Unknown");
    state = step.state;
    written += ` ${state.verdict.charAt(0)}${step.changed ? "!" : ""}`;
  }
  return state.ended ? `${written} .` : written;
}

describe("nextVerdict", () => {
  const table: [string, ProbeKindName, Thresholds, string, string][] = [
    ["readiness turns at once with thresholds of one", "Readiness", once, "sfs", "F S! F! S!"],
    [
      "readiness needs failures in a row to turn",
      "Readiness",
      { success: 1, failure: 3 },
      "sffsfff",
      "F S! S S S S S F!",
    ],
    [
      "readiness needs successes in a row to turn",
      "Readiness",
      { success: 3, failure: 1 },
      "ssfsss",
      "F F F F! F F S!",
    ],
    ["readiness goes on after a failure", "Readiness", once, "ffff", "F F! F F F"],
    [
      "an unknown result changes nothing and breaks no row",
      "Readiness",
      { success: 1, failure: 3 },
      "sffuf",
      "F S! S S S F!",
    ],
    [
      "liveness begins as a success and ends with a failure",
      "Liveness",
      { success: 1, failure: 3 },
      "sfff",
      "S S! S S F! .",
    ],
    [
      "liveness forgives failures below its threshold",
      "Liveness",
      { success: 1, failure: 3 },
      "ffsffs",
      "S S S S! S S S",
    ],
    ["startup ends with its first success", "Startup", { success: 1, failure: 30 }, "ffs", "F F F S! ."],
    [
      "startup that never succeeds reports the failure it began with",
      "Startup",
      { success: 1, failure: 3 },
      "fff",
      "F F F F! .",
    ],
    ["startup is not decided by what could not be tried", "Startup", { success: 1, failure: 1 }, "uu", "F F F"],
  ];
  it.each(table)("%s", (_sentence, kind, thresholds, attempts, expected) => {
    expect(play(kind, thresholds, attempts)).toBe(expected);
  });

  const resumed: [string, ProbeKindName, VerdictName, string, string][] = [
    ["readiness stays ready while the runner comes back", "Readiness", "Success", "ss", "S S S"],
    ["readiness that was ready needs the whole row of failures", "Readiness", "Success", "fff", "S S S F!"],
    ["readiness that was not ready becomes ready", "Readiness", "Failure", "s", "F S!"],
    ["startup that was done is not done again", "Startup", "Success", "", "S ."],
    ["startup that had failed is tried again", "Startup", "Failure", "s", "F S! ."],
    ["liveness goes on from success", "Liveness", "Success", "sfff", "S S S S F! ."],
  ];
  it.each(resumed)("resumed: %s", (_sentence, kind, known, attempts, expected) => {
    expect(play(kind, { success: 1, failure: 3 }, attempts, known)).toBe(expected);
  });
});
