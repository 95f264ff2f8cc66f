import type { TableColumn } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { ageOf } from "./human-duration.ts";

/** Columns that every kind has. */
export const nameColumn: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "The object's name, unique among its kind in its namespace.",
  cell: (object: KubeObject) => object.metadata.name,
};

export const ageColumn: TableColumn = {
  name: "Age",
  type: "string",
  description: "How long ago the object was created.",
  cell: (object: KubeObject, now: number) => ageOf(object.metadata.creationTimestamp, now),
};

export function orNone(value: string | undefined): string {
  return value === undefined || value === "" ? "<none>" : value;
}
