import type { ResourceDefinition, TableColumn } from "../resource-definition.ts";
import type { KubeObject, ListMeta, Table, TableColumnDefinition } from "../schema/meta.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  readonly includeObject: IncludeObject;
  /** Unix milliseconds, for ages. */
  readonly now: number;
  /** resourceVersion and continue of the list. */
  readonly listMeta?: ListMeta;
}

function definitionOf(column: TableColumn): TableColumnDefinition {
  const { name, type, format = "", description, priority = 0 } = column;
  return { name, type, format, description, priority };
}

function shown(object: KubeObject, includeObject: IncludeObject): unknown {
  if (includeObject === "None") return null;
  if (includeObject === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** Objects as `kubectl get` shows them. Wide columns are always there; the client hides them by priority. */
export function toTable<T extends KubeObject>(
  resource: Pick<ResourceDefinition<T>, "columns">,
  objects: readonly T[],
  options: TableOptions,
): Table {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.listMeta ?? {},
    columnDefinitions: resource.columns.map(definitionOf),
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object, options.now)),
      object: shown(object, options.includeObject),
    })),
  };
}
