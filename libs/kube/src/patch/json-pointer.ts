import { defineOwn, isJsonObject } from "../json.ts";

/** RFC 6901. Steps lead through own properties and list items only, whatever they are called. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value there; undefined where there is none. */
export function atPointer(root: unknown, steps: readonly string[]): unknown {
  let value = root;
  for (const step of steps) {
    if (Array.isArray(value)) value = value[indexOf(step)];
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** Where a value is or could be: a step into what holds it. */
export interface Place {
  readonly parent: unknown;
  readonly step: string;
}

export function placeOf(root: unknown, steps: readonly string[]): Place {
  return { parent: atPointer(root, steps.slice(0, -1)), step: steps.at(-1) ?? "" };
}

/** Into a list, before what is there. False where it does not fit. */
export function addAt({ parent, step }: Place, value: unknown): boolean {
  if (isJsonObject(parent)) {
    defineOwn(parent, step, value);
    return true;
  }
  if (!Array.isArray(parent)) return false;
  const index = step === "-" ? parent.length : indexOf(step);
  if (!(index <= parent.length)) return false;
  parent.splice(index, 0, value);
  return true;
}

/** False where there is nothing. */
export function replaceAt({ parent, step }: Place, value: unknown): boolean {
  if (atPointer(parent, [step]) === undefined) return false;
  if (Array.isArray(parent)) parent[indexOf(step)] = value;
  else defineOwn(parent as object, step, value);
  return true;
}

/** False where there is nothing. */
export function removeAt({ parent, step }: Place): boolean {
  if (atPointer(parent, [step]) === undefined) return false;
  if (Array.isArray(parent)) parent.splice(indexOf(step), 1);
  else if (isJsonObject(parent)) delete parent[step];
  return true;
}

/** NaN for what is no index. */
function indexOf(step: string): number {
  return /^(0|[1-9][0-9]*)$/.test(step) ? Number(step) : Number.NaN;
}
