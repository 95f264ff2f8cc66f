import { applyPatch, type Operation } from "rfc6902";
import { z } from "zod";
import { cloneJson } from "../json.ts";
import { statusBadRequest } from "../status/builders.ts";
import { refusedPatch } from "./refused-patch.ts";

const pointer = z.string().regex(/^(\/.*)?$/, "must be a JSON pointer");
const value = z.unknown();

/** RFC 6902, section 4. */
const operationsSchema = z.array(
  z.discriminatedUnion("op", [
    z.object({ op: z.literal(["add", "replace", "test"]), path: pointer, value }),
    z.object({ op: z.literal("remove"), path: pointer }),
    z.object({ op: z.literal(["move", "copy"]), path: pointer, from: pointer }),
  ]),
);

/** kube-apiserver's bound (maxJSONPatchOperations in endpoints/handlers/patch.go). */
const mostOperations = 10_000;

/** Applies a JSON patch as a whole or not at all. 400 for what is no patch, 422 for one that does not fit the object. */
export function applyJsonPatch(object: unknown, patch: unknown): unknown {
  const parsed = operationsSchema.safeParse(patch);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw statusBadRequest(`invalid JSON patch: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  if (parsed.data.length > mostOperations) {
    throw statusBadRequest(
      `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${parsed.data.length}`,
    );
  }
  // The library works in place and replaces the whole document through a holder it keeps to itself.
  const copy = cloneJson(object);
  const failed = applyPatch(copy, parsed.data as Operation[]).find((result) => result !== null);
  if (failed) throw refusedPatch(failed.message);
  return copy;
}
