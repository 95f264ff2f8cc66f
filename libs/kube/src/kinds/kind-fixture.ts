import { decodeObject } from "../decode/decode-object.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { toTable } from "../table/to-table.ts";
import { printFieldError } from "../validation/field-error.ts";

/** For tests: an object as a client writes it, named "a", as it is after decoding and defaults. */
export function readKind<T extends KubeObject>(row: ResourceDefinition<T>, value: object = {}): T {
  const place = row.namespaced ? { namespace: "default" } : {};
  const named = { ...value, metadata: { name: "a", ...place, ...Reflect.get(value, "metadata") } };
  return row.defaults(decodeObject(row, named, "Strict").object);
}

/** As it is stored. */
export function createKind<T extends KubeObject>(row: ResourceDefinition<T>, value: object = {}): T {
  return row.prepareForCreate(readKind(row, value));
}

export function creationProblems<T extends KubeObject>(row: ResourceDefinition<T>, value: object): string[] {
  return row.validate(createKind(row, value)).map(printFieldError);
}

/** What becomes of an object that is created as `before` and replaced by `after`. */
export function updateKind<T extends KubeObject>(row: ResourceDefinition<T>, before: object, after: object): T {
  return row.prepareForUpdate(readKind(row, after), createKind(row, before));
}

export function updateProblems<T extends KubeObject>(
  row: ResourceDefinition<T>,
  before: object,
  after: object,
): string[] {
  return row.validateUpdate(updateKind(row, before, after), createKind(row, before)).map(printFieldError);
}

export function statusProblems<T extends KubeObject>(
  row: ResourceDefinition<T>,
  spec: object,
  status: object,
): string[] {
  const stored = createKind(row, { spec });
  const next = row.prepareForStatusUpdate(readKind(row, { spec, status }), stored);
  return row.validateStatusUpdate(next, stored).map(printFieldError);
}

/** The cells of its row in a table, by column; those of `-o wide` too. */
export function cellsOf<T extends KubeObject>(
  row: ResourceDefinition<T>,
  object: T,
  now: number,
): Record<string, unknown> {
  const { columnDefinitions, rows } = toTable(row, [object], { includeObject: "None", now });
  return Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, rows[0]?.cells[index]]));
}
