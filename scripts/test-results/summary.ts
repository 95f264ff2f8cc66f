/** What one run of one group of tests came to. */
export interface Summary {
  readonly group: string;
  readonly passed: number;
  /** Names of failed tests, of files that could not be loaded, and of errors that no test caught. */
  readonly failed: readonly string[];
  /** Tests that did not run, with their reasons. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

export interface Totals {
  /** What a person wants to know before the last line. */
  readonly lines: readonly string[];
  /** "N passed, N failed". */
  readonly last: string;
  readonly ok: boolean;
}

/** Skipped tests are named, never counted as passed. A group without any test is said to have none. */
export function totalOf(summaries: readonly Summary[]): Totals {
  const lines = summaries.flatMap(({ group, passed, failed, skipped }) => [
    passed + failed.length + skipped.length === 0
      ? `${group}: no tests`
      : `${group}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    ...skipped.map(({ name, reason }) => `  skipped: ${name} (${reason || "no reason given"})`),
    ...failed.map((name) => `  FAILED: ${name}`),
  ]);
  const passed = summaries.reduce((sum, each) => sum + each.passed, 0);
  const failed = summaries.reduce((sum, each) => sum + each.failed.length, 0);
  return { lines, last: `${passed} passed, ${failed} failed`, ok: failed === 0 };
}

/** The report of scripts/lint.sh: one line per check. */
export function parseLintReport(text: string): Summary {
  const lines = text.split("\n").filter((line) => line !== "");
  const named = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    group: "lint",
    passed: named("ok").length,
    failed: named("failed"),
    skipped: named("skipped").map((line) => {
      const [name = "", reason = ""] = line.split("\t");
      return { name, reason };
    }),
  };
}

export function noSummary(group: string): Summary {
  return { group, passed: 0, failed: [`${group}: the run ended without a result; its output is above`], skipped: [] };
}
