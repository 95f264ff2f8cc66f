import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  milliQuantityOf,
  milliValue,
  parseQuantity,
  quantityFormatError,
  quantityOf,
  quantitySuffixError,
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

/** As schoolbooks have it: a fraction of two whole numbers, rounded up to billionths away from zero. */
function exactNano(text: string): bigint {
  const [, sign, whole = "", fraction = "", suffix = ""] = /^([+-]?)([0-9]*)\.?([0-9]*)(.*)$/.exec(text) ?? [];
  const exponents: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
  const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].indexOf(suffix);
  const exponent = exponents[suffix] ?? (binary > 0 ? 0 : Number(suffix.slice(1)));
  const top = BigInt(whole + fraction) * 1024n ** BigInt(Math.max(binary, 0)) * 10n ** BigInt(exponent + 40);
  const amount = awayFromZero(top, 10n ** BigInt(fraction.length + 31));
  return sign === "-" ? -amount : amount;
}

function awayFromZero(value: bigint, unit: bigint): bigint {
  return value < 0n ? -awayFromZero(-value, unit) : (value + unit - 1n) / unit;
}

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

  it("agree with exact arithmetic: comparing, adding, subtracting, whole units and thousandths", () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const [one, other] = [exactNano(a), exactNano(b)];
        expect(compareQuantity(a, b)).toBe(one < other ? -1 : one > other ? 1 : 0);
        expect(exactNano(formatQuantity(addQuantity(a, b)))).toBe(one + other);
        expect(exactNano(formatQuantity(subtractQuantity(a, b)))).toBe(one - other);
        expect(quantityValue(a)).toBe(Number(awayFromZero(one, 1_000_000_000n)));
        expect(milliValue(a)).toBe(Number(awayFromZero(one, 1_000_000n)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("the canonical text has no fraction, and the largest suffix that allows that", () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const canonical = formatQuantity(parseQuantity(text));
        const [, digits = "", suffix = ""] = /^(-?[0-9]+)([a-zA-Z]*(?:-?[0-9]+)?)$/.exec(canonical) ?? [];
        expect(canonical).toBe(`${digits}${suffix}`);
        const step = suffix.endsWith("i") ? 1024n : 1000n;
        const last = suffix === "Ei" || suffix === "E";
        if (BigInt(digits) !== 0n && !last && suffix !== "") expect(BigInt(digits) % step).not.toBe(0n);
      }),
      { numRuns: 1_000 },
    );
  });

  const letters = fc.constantFrom(..."0123456789.+-eEinumkKMGTP x,".split(""));
  it("any text is an amount or refused in Kubernetes' words, never an exception", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: letters, maxLength: 12 }),
      fc.string({ unit: letters, minLength: 90, maxLength: 110 }),
    );
    fc.assert(
      fc.property(text, (one) => {
        const result = tryParseQuantity(one);
        if (result.ok) expect(tryParseQuantity(formatQuantity(result.quantity)).ok).toBe(true);
        else expect([quantityFormatError, quantitySuffixError]).toContain(result.problem);
      }),
      { numRuns: 2_000 },
    );
  });
});
