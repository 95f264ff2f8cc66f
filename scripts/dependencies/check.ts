import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { findCycles } from "./find-cycles.ts";
import { rules } from "./rules.ts";
import { describeFile, type WorkspacePackage } from "./source-file.ts";

/** Checks who imports whom in the whole workspace; prints what breaks a rule, with the rule's sentence. */
const packages = globSync("{libs,services}/*/package.json")
  .concat("cli/package.json", "tests/package.json")
  .map(readPackage);
const files = globSync("{libs,services}/*/{src,tests}/**/*.ts")
  .concat(globSync("{cli,tests}/**/*.ts"), globSync("scripts/**/*.ts"))
  .filter((path) => !path.includes("node_modules/"))
  .map((path) => describeFile(path, readFileSync(path, "utf8"), packages));

const problems = [
  ...files.flatMap((file) =>
    file.dependencies.flatMap((to) =>
      rules
        .filter((rule) => rule.broken(file, to))
        .map((rule) => `${file.path} imports ${to.specifier}\n    ${rule.sentence}`),
    ),
  ),
  ...findCycles(files).map(
    (cycle) =>
      `${cycle.join("\n  → ")}\n    Files do not load each other in a circle: the missing piece is a third file.`,
  ),
];

for (const problem of problems) process.stderr.write(`${problem}\n`);
const counts = `${files.length} files, ${rules.length + 1} rules, ${problems.length} broken`;
process.stdout.write(`dependency rules: ${counts}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function readPackage(path: string): WorkspacePackage {
  const { name, exports = {} } = JSON.parse(readFileSync(path, "utf8")) as {
    name: string;
    exports?: Record<string, string>;
  };
  return { name, dir: dirname(path), exports };
}
