import { appendFileSync } from "node:fs";

/** One figure; a line of bench-results.jsonl. */
export interface Result {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, from the same run. */
  readonly baseline?: number;
  /** value / baseline. */
  readonly ratio?: number;
}

/** What a figure must not exceed. */
export interface Limit {
  readonly bench: string;
  readonly metric: string;
  readonly of: "value" | "ratio";
  readonly atMost: number;
}

export function result(bench: string, metric: string, value: number, unit: string, baseline?: number): Result {
  const rounded = { bench, metric, value: round(value), unit };
  if (baseline === undefined) return rounded;
  return { ...rounded, baseline: round(baseline), ratio: round(value / baseline) };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Every line has all six keys, so that readers need no cases. */
export function appendResults(file: string, results: readonly Result[]): void {
  const lines = results.map((each) =>
    JSON.stringify({ ...each, baseline: each.baseline ?? null, ratio: each.ratio ?? null }),
  );
  appendFileSync(file, `${lines.join("\n")}\n`);
}

export function missedLimits(results: readonly Result[], limits: readonly Limit[]): Limit[] {
  return limits.filter(({ bench, metric, of, atMost }) => {
    const found = results.find((each) => each.bench === bench && each.metric === metric);
    return found?.[of] === undefined || found[of] > atMost;
  });
}

const headings = ["bench", "metric", "value", "unit", "baseline", "ratio", "limit"] as const;

export function renderResults(results: readonly Result[], limits: readonly Limit[]): string {
  const missed = new Set(missedLimits(results, limits));
  const rows = results.map((each) => {
    const limit = limits.find(({ bench, metric }) => bench === each.bench && metric === each.metric);
    const verdict = limit ? `${limit.of} ≤ ${limit.atMost}: ${missed.has(limit) ? "MISSED" : "met"}` : "";
    const numbers = [each.value, each.unit, each.baseline ?? "", each.ratio ?? ""].map(String);
    return [each.bench, each.metric, ...numbers, verdict];
  });
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
