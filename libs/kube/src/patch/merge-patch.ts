import { cloneJson, defineOwn, isJsonObject } from "../json.ts";
import { statusBadRequest } from "../status/builders.ts";

/** Applies an RFC 7386 merge patch. 400 where the patch is no object. */
export function applyMergePatch(object: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) throw statusBadRequest("a merge patch must be a JSON object");
  return merge(object, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return cloneJson(patch);
  const merged: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else defineOwn(merged, key, merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value));
  }
  return merged;
}
