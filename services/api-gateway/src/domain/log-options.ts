import { type FieldError, fieldForbidden as forbidden, fieldInvalid as invalid } from "@podbus/kube";
import { isTrue } from "./request-info.ts";

/** v1 PodLogOptions as they come in a query. */
export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: bigint | undefined;
  readonly limitBytes: bigint | undefined;
  /** Unix nanoseconds; 0n for all. */
  readonly sinceNs: bigint;
}

export type ParsedLogOptions =
  | { readonly kind: "options"; readonly options: LogOptions }
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

/** Kubernetes' rules: core/validation ValidatePodLogOptions. */
export function parseLogOptions(query: URLSearchParams, nowMs: number): ParsedLogOptions {
  const errors: FieldError[] = [];
  const number = (field: string, least: bigint, detail: string) => {
    const text = query.get(field);
    if (text === null || text === "") return undefined;
    const value = /^-?\d{1,18}$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined) errors.push(invalid(field, text, "must be an integer"));
    else if (value < least) errors.push(invalid(field, Number(value), detail));
    return value;
  };
  const tailLines = number("tailLines", 0n, "must be greater than or equal to 0");
  const limitBytes = number("limitBytes", 1n, "must be greater than 0");
  const sinceSeconds = number("sinceSeconds", 1n, "must be greater than 0");
  const sinceTime = parseSinceTime(query.get("sinceTime"), errors);
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  }
  if (errors.length > 0) return { kind: "invalid", errors };
  const sinceNs = sinceSeconds === undefined ? (sinceTime ?? 0n) : (BigInt(nowMs) - sinceSeconds * 1000n) * 1_000_000n;
  return {
    kind: "options",
    options: {
      container: query.get("container") ?? "",
      follow: isTrue(query.get("follow")),
      previous: isTrue(query.get("previous")),
      timestamps: isTrue(query.get("timestamps")),
      tailLines,
      limitBytes,
      sinceNs: sinceNs < 0n ? 0n : sinceNs,
    },
  };
}

/** RFC 3339, to the nanosecond. */
function parseSinceTime(text: string | null, errors: FieldError[]): bigint | undefined {
  if (text === null || text === "") return undefined;
  const [, seconds, fraction = "", zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) {
    errors.push(invalid("sinceTime", text, "must be an RFC 3339 time"));
    return undefined;
  }
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
