import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { testTitles } from "./test-titles.ts";

const root = join(import.meta.dirname, "../..");

/** A test as `file > title`. In a table the title may be that of a row. */
const TestReference = z.string().regex(/^[^>]+\.(ts|yaml) > .+$/);

/** A rule that a Kubernetes page states, in our words, and what shows that podbus keeps it. */
const Rule = z.union([
  z.strictObject({ rule: z.string(), tests: z.array(TestReference).min(1) }),
  z.strictObject({ rule: z.string(), notBuilt: z.string() }),
]);

const Page = z.strictObject({
  page: z.string(),
  source: z.url(),
  sections: z.array(z.strictObject({ section: z.string(), rules: z.array(Rule).min(1) })).min(1),
});

const files = globSync(join(import.meta.dirname, "*.yaml"));

describe.each(files.map((file) => [basename(file), file]))("%s", (_, file) => {
  const page = Page.parse(parse(readFileSync(file, "utf8")));
  const rules = page.sections.flatMap(({ section, rules }) => rules.map((rule) => ({ section, ...rule })));

  it.each(rules)("$section: $rule", (rule) => {
    if ("notBuilt" in rule) return expect(rule.notBuilt).not.toBe("");
    const missing = rule.tests.filter((reference) => !isThere(reference));
    expect(missing, "tests that are not there").toEqual([]);
  });
});

const titles = new Map<string, ReadonlySet<string>>();

function isThere(reference: string): boolean {
  const [file = "", title = ""] = reference.split(/ > (.*)/s);
  const path = join(root, file);
  if (!titles.has(file)) titles.set(file, existsSync(path) ? testTitles(file, readFileSync(path, "utf8")) : new Set());
  return titles.get(file)?.has(title) ?? false;
}
