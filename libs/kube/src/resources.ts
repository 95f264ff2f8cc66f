import { configMaps } from "./kinds/config-map/resource.ts";
import { events, newStyleEvents } from "./kinds/event/resource.ts";
import { leases } from "./kinds/lease/resource.ts";
import { namespacesResource } from "./kinds/namespace/resource.ts";
import { nodes } from "./kinds/node/resource.ts";
import { pods } from "./kinds/pod/resource.ts";
import { secrets } from "./kinds/secret/resource.ts";
import { serviceAccounts } from "./kinds/service-account/resource.ts";
import type { ResourceDefinition } from "./resource-definition.ts";

/** Every kind of the API. A new kind is a new row here. */
export const resources: readonly ResourceDefinition[] = [
  configMaps,
  events,
  namespacesResource,
  nodes,
  pods,
  secrets,
  serviceAccounts,
  leases,
  newStyleEvents,
];

/** By the parts of a URL: ("", "v1", "pods"). */
export function findResource(group: string, version: string, plural: string): ResourceDefinition | undefined {
  return resources.find((row) => row.group === group && row.version === version && row.plural === plural);
}

export function findKind(group: string, version: string, kind: string): ResourceDefinition | undefined {
  return resources.find((row) => row.group === group && row.version === version && row.kind === kind);
}
