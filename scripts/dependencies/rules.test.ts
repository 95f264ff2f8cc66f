import { describe, expect, test } from "vitest";
import { findCycles } from "./find-cycles.ts";
import { rules } from "./rules.ts";
import { describeFile, type WorkspacePackage } from "./source-file.ts";

const index = { ".": "./src/index.ts" };
const packages: readonly WorkspacePackage[] = [
  { name: "@podbus/bus", dir: "libs/bus", exports: index },
  { name: "@podbus/cri", dir: "libs/cri", exports: index },
  { name: "@podbus/store", dir: "libs/store", exports: index },
  { name: "@podbus/testkit", dir: "libs/testkit", exports: index },
  { name: "eviction", dir: "services/eviction", exports: index },
  { name: "pod-lifecycle", dir: "services/pod-lifecycle", exports: index },
  { name: "podbus", dir: "cli", exports: index },
  { name: "@podbus/tests", dir: "tests", exports: index },
];

const sentencesBroken = (path: string, text: string) => {
  const file = describeFile(path, text, packages);
  return file.dependencies.flatMap((to) =>
    rules.filter((rule) => rule.broken(file, to)).map(({ sentence }) => sentence),
  );
};

describe("a rule is broken when", () => {
  const cases = [
    {
      that: "a service imports another",
      path: "services/eviction/src/a.ts",
      text: 'import "pod-lifecycle";',
      rule: /^Services import no services/,
    },
    {
      that: "a service asks for the types of another",
      path: "services/eviction/src/a.ts",
      text: 'import type { A } from "pod-lifecycle";',
      rule: /^Services import no services/,
    },
    {
      that: "a service reaches into another by path",
      path: "services/eviction/src/a.ts",
      text: 'export * from "../../pod-lifecycle/src/b.ts";',
      rule: /^(Services import no services|A file of another)/,
    },
    {
      that: "a library imports a service",
      path: "libs/bus/src/a.ts",
      text: 'import "eviction";',
      rule: /^Libraries import no services/,
    },
    {
      that: "a service imports the command",
      path: "services/eviction/src/a.ts",
      text: 'await import("podbus");',
      rule: /^Services and libraries do not import the command/,
    },
    {
      that: "something imports tests",
      path: "cli/src/a.ts",
      text: 'import "@podbus/tests";',
      rule: /^(Nothing imports from tests|Production code)/,
    },
    {
      that: "domain code reads files",
      path: "services/eviction/src/domain/a.ts",
      text: 'import { readFile } from "node:fs/promises";',
      rule: /^Domain code decides/,
    },
    {
      that: "domain code calls the bus",
      path: "services/eviction/src/domain/a.ts",
      text: 'import { connectNats } from "@podbus/bus";',
      rule: /^Domain code decides/,
    },
    {
      that: "domain code uses its adapters",
      path: "services/eviction/src/domain/a.ts",
      text: 'import { x } from "../adapters/x.ts";',
      rule: /^Domain code decides/,
    },
    {
      that: "a node service opens the store",
      path: "services/pod-lifecycle/src/a.ts",
      text: 'import type { S } from "@podbus/store";',
      rule: /^A node service never/,
    },
    {
      that: "production code uses a fixture",
      path: "services/eviction/src/a.ts",
      text: 'import { pod } from "./pod-fixture.ts";',
      rule: /^Production code/,
    },
    {
      that: "production code uses the testkit",
      path: "services/eviction/src/a.ts",
      text: 'import { FakeCri } from "@podbus/testkit";',
      rule: /^Production code/,
    },
  ];
  test.each(cases)("$that", ({ path, text, rule }) => {
    const broken = sentencesBroken(path, text);
    expect(broken.length).toBeGreaterThan(0);
    for (const sentence of broken) expect(sentence).toMatch(rule);
  });
});

describe("it is fine that", () => {
  const cases = [
    {
      that: "domain code names types of I/O",
      path: "services/eviction/src/domain/a.ts",
      text: 'import type { Cri } from "@podbus/cri";',
    },
    {
      that: "domain code imports domain code",
      path: "services/eviction/src/domain/a.ts",
      text: 'import { x } from "./x.ts";',
    },
    {
      that: "domain code makes a hash",
      path: "services/eviction/src/domain/a.ts",
      text: 'import { createHash } from "node:crypto";',
    },
    { that: "a cluster service opens the store", path: "services/eviction/src/a.ts", text: 'import "@podbus/store";' },
    { that: "a test uses the testkit", path: "services/eviction/src/a.test.ts", text: 'import "@podbus/testkit";' },
    { that: "the command hosts services", path: "cli/src/a.ts", text: 'import "eviction";' },
    { that: "tests/ puts services together", path: "tests/e2e/a.test.ts", text: 'import "eviction"; import "podbus";' },
  ];
  test.each(cases)("$that", ({ path, text }) => {
    expect(sentencesBroken(path, text)).toEqual([]);
  });
});

describe("findCycles", () => {
  const file = (name: string, text: string) => describeFile(`libs/bus/src/${name}.ts`, text, packages);

  test("tells the way around, once", () => {
    const files = [
      file("a", 'import "./b.ts";'),
      file("b", 'import "./c.ts";'),
      file("c", 'import "./a.ts"; import "./d.ts";'),
      file("d", ""),
    ];
    expect(findCycles(files)).toEqual([["a", "b", "c", "a"].map((name) => `libs/bus/src/${name}.ts`)]);
  });

  test("goes through packages by their names", () => {
    const files = [
      describeFile("libs/bus/src/index.ts", 'import "@podbus/store";', packages),
      describeFile("libs/store/src/index.ts", 'import "@podbus/bus";', packages),
    ];
    expect(findCycles(files)).toHaveLength(1);
  });

  test("passes over types, which load nothing", () => {
    expect(findCycles([file("a", 'import type { B } from "./b.ts";'), file("b", 'import "./a.ts";')])).toEqual([]);
  });
});
