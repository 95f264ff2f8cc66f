import { PodbusError } from "@podbus/errors";

/** An object that a node sent as JSON; INVALID_ARGUMENT naming the field if it is none. */
export function parseJson<T extends object>(json: Uint8Array, field: string): T {
  const value = parse(json, field);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(field, "is not an object");
  }
  return value as T;
}

function parse(json: Uint8Array, field: string): unknown {
  try {
    return JSON.parse(Buffer.from(json).toString("utf8"));
  } catch (error) {
    throw invalid(field, `is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function invalid(field: string, problem: string): PodbusError {
  return new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message: `${field} ${problem}` });
}
