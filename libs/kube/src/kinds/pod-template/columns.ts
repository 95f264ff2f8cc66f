import type { TableColumn } from "../../resource-definition.ts";
import type { KubeObject, LabelSelector } from "../../schema/meta.ts";
import { orNone } from "../../table/columns.ts";
import type { PodTemplateSpec } from "./schema.ts";

// pkg/printers/internalversion/printers.go layoutContainerCells

/** What a template runs, with `-o wide`. */
export function containerColumns<T extends KubeObject>(templateOf: (object: T) => PodTemplateSpec): TableColumn<T>[] {
  return [
    {
      name: "Containers",
      type: "string",
      priority: 1,
      description: "The names of the template's containers.",
      cell: (object) => containerNames(templateOf(object)),
    },
    {
      name: "Images",
      type: "string",
      priority: 1,
      description: "The images of the template's containers.",
      cell: (object) => containerImages(templateOf(object)),
    },
  ];
}

export function selectorColumn<T extends KubeObject>(print: (object: T) => string): TableColumn<T> {
  return {
    name: "Selector",
    type: "string",
    priority: 1,
    description: "Which pods belong to it.",
    cell: print,
  };
}

export const containerNames = ({ spec }: PodTemplateSpec) => spec.containers.map(({ name }) => name).join(",");
export const containerImages = ({ spec }: PodTemplateSpec) => spec.containers.map(({ image = "" }) => image).join(",");

export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(","));
}

/** apimachinery/pkg/apis/meta/v1/helpers.go FormatLabelSelector */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${[...values].sort().join(",")})`;
  });
  return orNone([...labels, ...expressions].sort().join(","));
}
