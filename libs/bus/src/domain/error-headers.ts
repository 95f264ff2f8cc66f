import { type Code, isCode, PodbusError } from "@podbus/errors";
import { type HeaderMap, header } from "./headers.ts";

/** Longer messages are cut, so that an error always fits into a reply. */
const longestMessage = 8_192;
const longestDescription = 256;

/** What each code is called in HTTP, for tools that know only ADR-32's numbers (google.rpc.Code's mapping). */
const httpStatus: Readonly<Record<Code, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** A failure as headers of a reply. Header values are one line of ASCII, so texts are percent-encoded. */
export function encodeError(error: PodbusError): HeaderMap {
  return {
    [header.code]: error.code,
    [header.reason]: encodeText(error.reason),
    [header.message]: encodeText(error.message),
    [header.retryable]: error.retryable ? "1" : "0",
    ...(error.retryAfterMs === undefined ? {} : { [header.retryAfter]: String(error.retryAfterMs) }),
    [header.serviceError]: describe(error),
    [header.serviceErrorCode]: String(httpStatus[error.code]),
  };
}

/** The failure in a reply's headers; undefined in a reply without one. */
export function decodeError(headers: HeaderMap): PodbusError | undefined {
  const code = headers[header.code];
  if (code === undefined) return undefined;
  const retryAfter = headers[header.retryAfter];
  return new PodbusError({
    code: isCode(code) ? code : "UNKNOWN",
    reason: decodeText(headers[header.reason] ?? ""),
    message: decodeText(headers[header.message] ?? ""),
    retryable: headers[header.retryable] === "1",
    ...(retryAfter === undefined ? {} : { retryAfterMs: Number(retryAfter) }),
  });
}

function encodeText(text: string): string {
  return encodeURIComponent(text.slice(0, longestMessage).toWellFormed());
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Written by something that does not encode: better shown as it is than lost.
  }
}

function describe(error: PodbusError): string {
  const text = error.message || error.code;
  return (
    text
      .slice(0, longestDescription)
      .replace(/[^\x20-\x7e]/g, "?")
      .trim() || error.code
  );
}
