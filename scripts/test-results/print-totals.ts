import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { noSummary, parseLintReport, type Summary, totalOf } from "./summary.ts";

/** print-totals.ts DIR GROUP…: reads DIR/GROUP.json (DIR/lint.txt for lint), prints the totals; exit code 1 if any failed. */
const [dir = "", ...groups] = process.argv.slice(2);
const { lines, last, ok } = totalOf(groups.map((group) => (group === "lint" ? readLint() : readSummary(group))));
process.stdout.write(`\n${lines.join("\n")}\n\n${last}\n`);
process.exitCode = ok ? 0 : 1;

function readSummary(group: string): Summary {
  const file = join(dir, `${group}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Summary) : noSummary(group);
}

function readLint(): Summary {
  const file = join(dir, "lint.txt");
  return existsSync(file) ? parseLintReport(readFileSync(file, "utf8")) : noSummary("lint");
}
