import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  milliQuantityOf,
  milliValue,
  parseQuantity,
  quantityOf,
  quantityValue,
  subtractQuantity,
  tryParseQuantity,
} from "./quantity.ts";

describe("canonical form", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["1", "1"],
    ["+5", "5"],
    ["1000m", "1"],
    ["0.5", "500m"],
    [".5", "500m"],
    ["1.", "1"],
    ["1500m", "1500m"],
    ["1500", "1500"],
    ["1000", "1k"],
    ["100k", "100k"],
    ["1000k", "1M"],
    ["1024", "1024"],
    ["1Ki", "1Ki"],
    ["1024Mi", "1Gi"],
    ["1.5Ki", "1536"],
    ["1.5Gi", "1536Mi"],
    ["0.5Ki", "512"],
    ["0.1Ki", "102400m"],
    ["1e3", "1e3"],
    ["1E3", "1e3"],
    ["12e6", "12e6"],
    ["1E", "1E"],
    ["100u", "100u"],
    ["0.0000000001", "1n"],
    ["-1500m", "-1500m"],
  ])("%s is stored as %s", (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it.each([
    "",
    ".",
    "-",
    "1 ",
    " 1",
    "abc",
    "1Kii",
    "1ki",
    "1mi",
    "1e",
    "1e1.5",
    "0x1",
    "1,5",
    "1e5k",
    "1".repeat(200),
  ])("%j is no quantity", (text) => {
    // "1e" alone has no digits after the exponent.
    expect(tryParseQuantity(text).ok).toBe(false);
  });

  it("a huge exponent costs nothing and is cut to the largest amount", () => {
    expect(formatQuantity(parseQuantity("1e999999999"))).toBe("9223372036854775807");
    expect(formatQuantity(parseQuantity("1e-999999999"))).toBe("1e-9");
  });
});

describe("arithmetic", () => {
  it("adds in the first one's format", () => {
    expect(formatQuantity(addQuantity("1Gi", "1Gi"))).toBe("2Gi");
    expect(formatQuantity(addQuantity("0", "1Gi"))).toBe("1Gi");
    expect(formatQuantity(subtractQuantity("2", "500m"))).toBe("1500m");
  });

  it("rounds away from zero", () => {
    expect(milliValue("0.0001")).toBe(1);
    expect(milliValue("2")).toBe(2000);
    expect(quantityValue("1500m")).toBe(2);
    expect(quantityValue("-1500m")).toBe(-2);
    expect(quantityValue("1Gi")).toBe(1024 ** 3);
  });

  it("writes numbers", () => {
    expect(quantityOf(1024 ** 3, "BinarySI")).toBe("1Gi");
    expect(milliQuantityOf(1500)).toBe("1500m");
    expect(milliQuantityOf(2000)).toBe("2");
  });
});

const suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "e-2"];
const quantity = fc
  .tuple(fc.integer({ min: -99999, max: 99999 }), fc.nat({ max: 999 }), fc.constantFrom(...suffixes))
  .map(([whole, fraction, suffix]) => `${whole}.${fraction}${suffix}`);

describe("fuzz", () => {
  it("the canonical text is stable and keeps the amount", () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const canonical = formatQuantity(parseQuantity(text));
        expect(formatQuantity(parseQuantity(canonical))).toBe(canonical);
        expect(compareQuantity(canonical, text)).toBe(0);
      }),
    );
  });

  it("comparing is antisymmetric and adding commutes", () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(compareQuantity(a, b) + compareQuantity(b, a)).toBe(0);
        expect(addQuantity(a, b).nano).toBe(addQuantity(b, a).nano);
      }),
    );
  });

  it("any text is an amount or a problem, never an exception", () => {
    fc.assert(fc.property(fc.string(), (text) => typeof tryParseQuantity(text).ok === "boolean"));
  });
});
