import { codes, PodbusError } from "@podbus/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeError, encodeError } from "./error-headers.ts";

describe("errors as headers", () => {
  it("any error survives the way there and back, in one line of ASCII per header", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.boolean(),
        fc.option(fc.nat(), { nil: undefined }),
        (code, reason, message, retryable, retryAfterMs) => {
          const init = { code, reason, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
          const headers = encodeError(new PodbusError(init));
          for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
          expect(decodeError(headers)).toMatchObject({ ...init, retryAfterMs });
        },
      ),
    );
  });

  it.each([
    ["no code is no error", {}, undefined],
    ["a code of a later version is UNKNOWN", { "podbus-code": "TEAPOT" }, { code: "UNKNOWN" }],
    ["text that is not encoded is kept", { "podbus-code": "INTERNAL", "podbus-message": "100%" }, { message: "100%" }],
  ])("%s", (_sentence, headers, expected) => {
    const error = decodeError(headers as Record<string, string>);
    if (expected === undefined) expect(error).toBeUndefined();
    else expect(error).toMatchObject(expected);
  });

  it("an endless message is cut, half a character is mended", () => {
    const decoded = decodeError(
      encodeError(new PodbusError({ code: "INTERNAL", message: `${"x".repeat(8_191)}\u{1f600}` })),
    );
    expect(decoded?.message).toHaveLength(8_192);
  });

  it("ADR-32 tools see a number and one line", () => {
    const headers = encodeError(new PodbusError({ code: "NOT_FOUND", message: "no\npod ü" }));
    expect(headers["Nats-Service-Error-Code"]).toBe("404");
    expect(headers["Nats-Service-Error"]).toBe("no?pod ?");
  });
});
