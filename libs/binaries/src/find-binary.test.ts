import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PodbusError } from "@podbus/errors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBinary, requireBinary, toolsDir, toolsPath } from "./find-binary.ts";

let root: string;
let first: string;
let onPath: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "podbus-binaries-"));
  first = join(root, "first");
  onPath = join(root, "on-path");
  program(first, "both");
  program(onPath, "both");
  program(onPath, "only-path");
  writeFileSync(join(first, "not-executable"), "");
  mkdirSync(join(first, "a-directory"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function program(dir: string, name: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), "#!/bin/sh\n");
  chmodSync(join(dir, name), 0o755);
}

describe("findBinary", () => {
  const cases: readonly { readonly that: string; readonly name: string; readonly found: () => string | undefined }[] = [
    { that: "prefers the private directory over PATH", name: "both", found: () => join(first, "both") },
    { that: "falls back to PATH", name: "only-path", found: () => join(onPath, "only-path") },
    { that: "passes over a file that may not be run", name: "not-executable", found: () => undefined },
    { that: "passes over a directory", name: "a-directory", found: () => undefined },
    { that: "says undefined for what is nowhere", name: "no-such-program", found: () => undefined },
  ];
  test.each(cases)("$that", ({ name, found }) => {
    expect(findBinary(name, { firstDir: first, path: onPath })).toBe(found());
  });
});

test("requireBinary tells how to get what is missing", () => {
  const missing = () => requireBinary("no-such-program", { firstDir: first, path: onPath });
  expect(missing).toThrow(PodbusError);
  expect(missing).toThrow('no-such-program is not installed on this machine: run "make setup" as root');
});

test("toolsPath begins with the private directory and names no directory twice", () => {
  expect(toolsPath({ firstDir: first, path: `${onPath}:${onPath}:/sbin` })).toBe(`${first}:${onPath}:/sbin:/usr/sbin`);
});

test("the private directory is absolute", () => {
  expect(toolsDir).toMatch(/^\/\S+$/);
});
