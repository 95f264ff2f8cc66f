import { expect, it } from "vitest";
import { ImageGuard } from "./image-guard.ts";

const names = ["r.example/a:1", "r.example/a@sha256:1"];

it("an image is held until the last one lets it go", async () => {
  const guard = new ImageGuard();
  const [first, second] = [await guard.hold("r.example/a:1"), await guard.hold("r.example/a:1")];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(guard.isHeld(names)).toBe(true);
  second[Symbol.dispose]();
  expect(guard.isHeld(names)).toBe(false);
});

it("nobody gets hold of an image by any of its names while it is being removed", async () => {
  const guard = new ImageGuard();
  const { promise, resolve } = Promise.withResolvers<void>();
  const said: string[] = [];
  const removal = guard.removing(names, () => promise).then(() => said.push("removed"));
  const holds = names.map((name) => guard.hold(name).then(() => said.push("held")));
  await guard.hold("r.example/other:1");
  expect(said).toEqual([]);
  resolve();
  await Promise.all([removal, ...holds]);
  expect(said.toSorted()).toEqual(["held", "held", "removed"]);
});

it("a removal that fails lets the others through", async () => {
  const guard = new ImageGuard();
  const removal = guard.removing(names, () => Promise.reject(new Error("busy")));
  const held = guard.hold("r.example/a:1");
  await expect(removal).rejects.toThrow("busy");
  await held;
});

it("forgets who was given an image that is gone", () => {
  const guard = new ImageGuard();
  guard.ensured("a", 1);
  guard.ensured("b", 2);
  guard.keepOnly(new Set(["b"]));
  expect([...guard.ensuredMs]).toEqual([["b", 2]]);
});
