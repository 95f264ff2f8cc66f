import { z } from "zod";
import { deepestDocument } from "../decode/duplicate-fields.ts";
import { cloneJson, depthOfJson, equalJson } from "../json.ts";
import { statusBadRequest, statusTooLarge } from "../status/builders.ts";
import { addAt, atPointer, placeOf, removeAt, replaceAt, stepsOf } from "./json-pointer.ts";
import { refusedPatch } from "./refused-patch.ts";

const pointer = z.string().regex(/^(\/.*)?$/s, "must be a JSON pointer");
const valued = { path: pointer, value: z.unknown() };
const hasValue = (operation: object) => Object.hasOwn(operation, "value");

/** RFC 6902, section 4. */
const operationsSchema = z.array(
  z.discriminatedUnion("op", [
    z.object({ op: z.literal("add"), ...valued }).refine(hasValue, "must have a value"),
    z.object({ op: z.literal("replace"), ...valued }).refine(hasValue, "must have a value"),
    z.object({ op: z.literal("test"), ...valued }).refine(hasValue, "must have a value"),
    z.object({ op: z.literal("remove"), path: pointer }),
    z.object({ op: z.literal("move"), path: pointer, from: pointer }),
    z.object({ op: z.literal("copy"), path: pointer, from: pointer }),
  ]),
);
type Operation = z.infer<typeof operationsSchema>[number];

/** kube-apiserver's bound (maxJSONPatchOperations in endpoints/handlers/patch.go). */
const mostOperations = 10_000;

/**
 * A copy into what is copied doubles it: a patch of one kilobyte could fill the memory. Moves that lead deeper count, too,
 * because how deep they lead has to be looked up.
 */
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
  const patched = new PatchedDocument(object);
  for (const operation of parsed.data) patched.perform(operation);
  return patched.document;
}

/**
 * A copy of a document that operations change, in bounds of its depth and of what they copy.
 * The words of refusals are those of evanphx/json-patch, which kube-apiserver uses.
 */
class PatchedDocument {
  /** The whole document is a place, too. */
  readonly #holder: { document: unknown };
  #copied = 0;

  constructor(object: unknown) {
    this.#holder = { document: cloneJson(object) };
  }

  get document(): unknown {
    return this.#holder.document;
  }

  perform(operation: Operation): void {
    switch (operation.op) {
      case "add":
        checkDepth(pathOf(operation.path), operation.value);
        this.#add(operation, cloneJson(operation.value));
        break;
      case "replace":
        this.#replace(operation, operation.value);
        break;
      case "test":
        this.#test(operation, operation.value);
        break;
      case "remove":
        this.#remove(operation);
        break;
      case "move":
        this.#move(operation);
        break;
      case "copy":
        this.#add(operation, cloneJson(this.#source(operation)));
    }
  }

  #test({ path }: Target, expected: unknown): void {
    if (equalJson(atPointer(this.#holder, pathOf(path)) ?? null, expected)) return;
    throw refusedPatch(`testing value ${path} failed: test failed`);
  }

  #replace({ path }: Target, value: unknown): void {
    const steps = pathOf(path);
    checkDepth(steps, value);
    if (replaceAt(placeOf(this.#holder, steps), cloneJson(value))) return;
    throw refusedPatch(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }

  #add({ op, path }: Target, added: unknown): void {
    if (addAt(placeOf(this.#holder, pathOf(path)), added)) return;
    throw refusedPatch(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
  }

  #remove({ op, path }: Target): void {
    if (path !== "" && removeAt(placeOf(this.#holder, pathOf(path)))) return;
    throw refusedPatch(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
  }

  #move(operation: Transfer): void {
    const { op, from, path } = operation;
    const moved = this.#source(operation);
    if (path === from) return;
    if (path.startsWith(`${from}/`)) throw refusedPatch(`move operation does not apply: ${path} is within ${from}`);
    this.#remove({ op, path: from });
    this.#add(operation, moved);
  }

  #source({ op, from, path }: Transfer): unknown {
    const [source, target] = [pathOf(from), pathOf(path)];
    const value = atPointer(this.#holder, source);
    if (value === undefined) {
      throw refusedPatch(`${op} operation does not apply: doc is missing from path: ${from}: missing value`);
    }
    if (op === "copy" || target.length > source.length) {
      this.#copied += JSON.stringify(value).length;
      if (this.#copied > mostCopiedCharacters) throw statusTooLarge("the copy operations of the patch copy too much");
      checkDepth(target, value);
    }
    return value;
  }
}

type Target = Pick<Operation, "op" | "path">;
type Transfer = Extract<Operation, { from: string }>;

const pathOf = (text: string): readonly string[] => ["document", ...stepsOf(text)];

/** Every later walk over the document recurses. */
function checkDepth(path: readonly string[], value: unknown): void {
  if (path.length + depthOfJson(value) > deepestDocument) throw statusBadRequest("json: exceeded max depth");
}
