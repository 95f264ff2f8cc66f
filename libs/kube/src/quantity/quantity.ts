import { PodbusError } from "@podbus/errors";

/**
 * Amounts of resources as Kubernetes writes them.
 * Rules: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go. Kept exact, in units of 1e-9.
 */
export interface Quantity {
  readonly nano: bigint;
  readonly format: "DecimalSI" | "BinarySI" | "DecimalExponent";
}

export const quantityFormatError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
export const quantitySuffixError = "unable to parse quantity's suffix";

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

const nanoPerUnit = 1_000_000_000n;
/** Larger amounts are cut down to this, as Kubernetes does. */
const maximumNano = (2n ** 63n - 1n) * nanoPerUnit;
/** Longer texts are no amounts; big numbers of that length only burn CPU. */
const longestText = 100;
const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*)([-+]?[0-9]*)$/;

export type QuantityResult =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly problem: string };

function failed(problem: string): QuantityResult {
  return { ok: false, problem };
}

/** Rounds away from zero: who asks for a little gets a little. */
function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function scaled(digits: bigint, exponent: number): bigint {
  if (digits === 0n) return 0n;
  if (exponent > 60) return maximumNano;
  if (exponent < -160) return 1n;
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent));
}

interface Scale {
  readonly format: Quantity["format"];
  readonly decimalExponent: number;
  readonly binaryExponent: number;
}

function scaleOf(letters: string, exponentDigits: string): Scale | undefined {
  if (exponentDigits === "") {
    const decimal = decimalExponents[letters];
    if (decimal !== undefined) return { format: "DecimalSI", decimalExponent: decimal, binaryExponent: 0 };
    const binary = binarySuffixes.indexOf(letters as "Ki");
    return binary > 0 ? { format: "BinarySI", decimalExponent: 0, binaryExponent: binary * 10 } : undefined;
  }
  const exponent = Number(exponentDigits);
  if ((letters !== "e" && letters !== "E") || !Number.isInteger(exponent)) return undefined;
  return { format: "DecimalExponent", decimalExponent: exponent, binaryExponent: 0 };
}

export function tryParseQuantity(text: string): QuantityResult {
  if (text.length > longestText) return failed(quantityFormatError);
  const match = shape.exec(text);
  const [, sign = "", whole = "", fraction = "", letters = "", exponentDigits = ""] = match ?? [];
  if (match === null || (whole === "" && fraction === "")) return failed(quantityFormatError);
  const scale = scaleOf(letters, exponentDigits);
  if (scale === undefined) return failed(quantitySuffixError);
  const digits = BigInt(whole + fraction) << BigInt(scale.binaryExponent);
  const nano = scaled(digits, scale.decimalExponent - fraction.length + 9);
  const bounded = nano > maximumNano ? maximumNano : nano;
  return { ok: true, quantity: { nano: sign === "-" ? -bounded : bounded, format: scale.format } };
}

/** Of a stored (thus checked) amount. Throws INVALID_ARGUMENT for anything else. */
export function parseQuantity(text: string | number): Quantity {
  const result = tryParseQuantity(String(text));
  if (result.ok) return result.quantity;
  throw new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message: result.problem });
}

function asQuantity(value: Quantity | string | number): Quantity {
  return typeof value === "object" ? value : parseQuantity(value);
}

function formatDecimal(nano: bigint, exponentForm: boolean): string {
  let digits = nano;
  let exponent = -9;
  while (digits % 1000n === 0n) {
    digits /= 1000n;
    exponent += 3;
  }
  const suffix = exponentForm ? undefined : decimalSuffixes.get(exponent);
  if (suffix !== undefined) return `${digits}${suffix}`;
  return exponent === 0 ? String(digits) : `${digits}e${exponent}`;
}

function formatBinary(value: bigint): string {
  let digits = value;
  let step = 0;
  while (digits % 1024n === 0n && step < binarySuffixes.length - 1) {
    digits /= 1024n;
    step += 1;
  }
  return `${digits}${binarySuffixes[step] ?? ""}`;
}

/** The canonical text: the largest suffix that needs no fraction; below 1024 or with a fraction never binary. */
export function formatQuantity(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return "0";
  const size = nano < 0n ? -nano : nano;
  const binary = format === "BinarySI" && size >= 1024n * nanoPerUnit && nano % nanoPerUnit === 0n;
  return binary ? formatBinary(nano / nanoPerUnit) : formatDecimal(nano, format === "DecimalExponent");
}

export function compareQuantity(left: Quantity | string | number, right: Quantity | string | number): -1 | 0 | 1 {
  const difference = asQuantity(left).nano - asQuantity(right).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Sum in the format of the first one that is not zero, as Quantity.Add does. */
export function addQuantity(left: Quantity | string, right: Quantity | string): Quantity {
  const a = asQuantity(left);
  const b = asQuantity(right);
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function subtractQuantity(left: Quantity | string, right: Quantity | string): Quantity {
  const a = asQuantity(left);
  const b = asQuantity(right);
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function maxQuantity(left: Quantity | string, right: Quantity | string): Quantity {
  return compareQuantity(left, right) >= 0 ? asQuantity(left) : asQuantity(right);
}

function roundUp(nano: bigint, unit: bigint): number {
  const size = nano < 0n ? -nano : nano;
  const units = divideUp(size, unit);
  return Number(nano < 0n ? -units : units);
}

/** Whole units (bytes, pods), rounded away from zero. */
export function quantityValue(value: Quantity | string | number): number {
  return roundUp(asQuantity(value).nano, nanoPerUnit);
}

/** Thousandths (CPU), rounded away from zero. */
export function milliValue(value: Quantity | string | number): number {
  return roundUp(asQuantity(value).nano, 1_000_000n);
}

/** Whole units as canonical text: 1073741824 → "1Gi" with "BinarySI". */
export function quantityOf(value: number, format: Quantity["format"] = "DecimalSI"): string {
  return formatQuantity({ nano: BigInt(Math.ceil(value)) * nanoPerUnit, format });
}

/** Thousandths as canonical text: 1500 → "1500m". */
export function milliQuantityOf(milli: number): string {
  return formatQuantity({ nano: BigInt(Math.ceil(milli)) * 1_000_000n, format: "DecimalSI" });
}
