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

/** For kinds that Kubernetes has no printer of its own for: staging/src/k8s.io/apiserver/pkg/registry/rest/table.go. */
export const createdAtColumn: TableColumn = {
  name: "Created At",
  type: "date",
  description: "When the object was created.",
  cell: (object: KubeObject) => object.metadata.creationTimestamp ?? "",
};

const mostShown = 3;

/** "a,b,c + 2 more..." */
export function someOf(items: readonly (string | number)[]): string {
  const shown = items.slice(0, mostShown).join(",");
  return items.length > mostShown ? `${shown} + ${items.length - mostShown} more...` : shown;
}
