import {
  checkFieldSelector,
  type KubeObject,
  parseFieldSelector,
  parseLabelSelector,
  type ResourceDefinition,
} from "@podbus/kube";

/** Whether a stored object belongs to a list or a watch. */
export type Selection = (stored: KubeObject) => boolean;

/** Throws a 400 Status where a selector cannot be read, or names a field that the kind does not offer. */
export function parseSelection(resource: ResourceDefinition, labelSelector: string, fieldSelector: string): Selection {
  const labels = labelSelector === "" ? undefined : parseLabelSelector(labelSelector);
  const fields = fieldSelector === "" ? undefined : parseFieldSelector(fieldSelector);
  if (fields) checkFieldSelector(resource, fields);
  return (stored) =>
    (!labels || labels.matches(stored.metadata.labels)) &&
    (!fields || fields.matches(resource.selectableFields(resource.fromStored(stored))));
}
