import { expect, it } from "vitest";
import { EncodedObjects } from "./encoded-objects.ts";

it("an object is encoded once, as long as few others came since", () => {
  let encodings = 0;
  const counting = (name: string) => ({
    name,
    toJSON() {
      encodings += 1;
      return { name };
    },
  });
  const encoded = new EncodedObjects(2);
  const [a, b, c] = [counting("a"), counting("b"), counting("c")];
  expect([a, a, b, a].map((object) => encoded.textOf(object))).toEqual(
    ["a", "a", "b", "a"].map((name) => `{"name":"${name}"}`),
  );
  expect(encodings).toBe(2);
  encoded.textOf(c);
  encoded.textOf(b);
  expect(encodings).toBe(3);
  encoded.textOf(a);
  expect(encodings).toBe(4);
});
