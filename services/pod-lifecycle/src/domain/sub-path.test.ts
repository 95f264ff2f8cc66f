import { expect, test } from "vitest";
import { subPathOf } from "./sub-path.ts";

const mount = { name: "v", mountPath: "/x" };
const env = new Map([["A", "x"]]);

test.each([
  ["nothing", {}, ""],
  ["a path", { subPath: "a/b" }, "a/b"],
  ["a path with more slashes than it needs", { subPath: "./a//b/" }, "a/b"],
  ["an expression", { subPathExpr: "d-$(A)" }, "d-x"],
  ["an expression that names what is not there", { subPathExpr: "d-$(B)" }, "d-$(B)"],
])("%s", (_, change, expected) => {
  expect(subPathOf({ ...mount, ...change }, env)).toBe(expected);
});

test.each([
  ["/etc", "error SubPath `/etc` must not be an absolute path"],
  ["../x", "unable to provision SubPath `../x`: must not contain '..'"],
  ["a/../../b", "unable to provision SubPath `a/../../b`: must not contain '..'"],
])("%s is refused", (subPath, message) => {
  expect(() => subPathOf({ ...mount, subPath }, new Map())).toThrow(message);
});
