import type { TypeDescriptions } from "../schema/descriptions.ts";

/** One table for each kind. */
const tables: readonly TypeDescriptions[] = [];

const byType: TypeDescriptions = Object.assign({}, ...tables);

/** Undefined where nothing is said of the field. */
export function fieldDescription(typeName: string, field: string): string | undefined {
  return byType[typeName]?.[field];
}
