import { applyPatch, type Operation, Pointer } from "rfc6902";
import { z } from "zod";
import { cloneJson } from "../json.ts";
import { statusBadRequest, statusTooLarge } from "../status/builders.ts";
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

/** A copy into what is copied doubles it: a patch of one kilobyte could fill the memory. */
const mostCopiedCharacters = 3 * 1024 * 1024;

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
  let copied = 0;
  for (const operation of parsed.data as Operation[]) {
    copied += copiedCharacters(copy, operation);
    if (copied > mostCopiedCharacters) throw statusTooLarge("the copy operations of the patch copy too much");
    const [failed] = applyPatch(copy, [operation]);
    if (failed) throw refusedPatch(failed.message);
  }
  return copy;
}

function copiedCharacters(object: unknown, operation: Operation): number {
  if (operation.op !== "copy") return 0;
  const source: unknown = Pointer.fromJSON(operation.from).get(object);
  return source === undefined ? 0 : JSON.stringify(source).length;
}
