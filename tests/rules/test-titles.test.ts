import { expect, it } from "vitest";
import { testTitles } from "./test-titles.ts";

it.each<[string, string, readonly string[]]>([
  ["a test", `it("runs", () => { expect("x").toBe('y') })`, ["runs"]],
  ["a group and what is in it", `describe("pods", () => { test.skip("run", f) })`, ["pods", "run"]],
  ["quotes", `it('says "no"', f); it("it's \\"so\\"", f)`, ['says "no"', `it's "so"`]],
  ["a title that is made", "describe.each(all)(`${name} is there`, f)", ["${name} is there"]],
  ["rows by their first value", `it.each([["one", "1"], ["two", ["2"]]])("%s", f)`, ["one", "two", "%s"]],
  ["rows of one value", `it.each(["one", "two"] as const)("%s", f)`, ["one", "two", "%s"]],
  ["rows by the field that the title shows", `it.each([{ that: "one", is: "1" }])("$that", f)`, ["one", "$that"]],
  ["a table by its name", `const all: Row[] = [["one", "1"]]; it.each(all)("%s", f)`, ["one", "%s"]],
  ["a table of others", `const a = [["one"]]; it.each([...a, ["two"]].map(g))("%s", f)`, ["one", "two", "%s"]],
  [
    "the keys of an object",
    `const all = { "a b": ["x"], c: [] }; it.each(Object.entries(all))("%s", f)`,
    ["a b", "c", "%s"],
  ],
  ["rows that are made", 'it.each([...all.map((a): Row => [`${a} is so`, a])])("%s", f)', ["%s", "${a} is so"]],
  [
    "tables of groups",
    `const a = [["one", "1"]]; describe.each([["A", a]] as const)("%s", (_, all) => it.each(all)("%s!", f))`,
    ["A", "one", "%s", "%s!"],
  ],
  ["not what rows are about", `const data = ["x"]; it.each([["one", data]])("%s", f)`, ["one", "%s"]],
  ["a table of itself, which ends", `const all = all; it.each(all)("%s", f)`, ["%s"]],
  ["none elsewhere", `const unused = [["one"]]; other("two", f); import "three"`, []],
])("%s", (_sentence, text, titles) => {
  expect([...testTitles("a.test.ts", text)].sort()).toEqual([...titles].sort());
});

it("an example of a suite has what it shows", () => {
  expect([...testTitles("tests/suites/a.ts", `export const all = [{ that: "it goes", given: "x" }]`)]).toEqual([
    "it goes",
  ]);
});

it("a file of commands has those", () => {
  expect([...testTitles("a.yaml", "- run: kubectl get pods\n  stdout: x\n- wait: 1\n")]).toEqual(["kubectl get pods"]);
});

it("what is no TypeScript is refused", () => {
  expect(() => testTitles("a.ts", "it(")).toThrow("a.ts cannot be parsed");
});
