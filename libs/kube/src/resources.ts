import { accessReviews } from "./kinds/access-review/resource.ts";
import { configMaps } from "./kinds/config-map/resource.ts";
import { controllerRevisions } from "./kinds/controller-revision/resource.ts";
import { cronJobs } from "./kinds/cron-job/resource.ts";
import { daemonSets } from "./kinds/daemon-set/resource.ts";
import { deployments } from "./kinds/deployment/resource.ts";
import { endpointSlices } from "./kinds/endpoint-slice/resource.ts";
import { endpointsResource } from "./kinds/endpoints/resource.ts";
import { events, newStyleEvents } from "./kinds/event/resource.ts";
import { jobs } from "./kinds/job/resource.ts";
import { leases } from "./kinds/lease/resource.ts";
import { limitRanges } from "./kinds/limit-range/resource.ts";
import { namespacesResource } from "./kinds/namespace/resource.ts";
import { nodes } from "./kinds/node/resource.ts";
import { pods } from "./kinds/pod/resource.ts";
import { podDisruptionBudgets } from "./kinds/pod-disruption-budget/resource.ts";
import { podTemplates } from "./kinds/pod-template/resource.ts";
import { priorityClasses } from "./kinds/priority-class/resource.ts";
import { replicaSets } from "./kinds/replica-set/resource.ts";
import { replicationControllers } from "./kinds/replication-controller/resource.ts";
import { resourceQuotas } from "./kinds/resource-quota/resource.ts";
import { clusterRoles, roles } from "./kinds/role/resource.ts";
import { clusterRoleBindings, roleBindings } from "./kinds/role-binding/resource.ts";
import { runtimeClasses } from "./kinds/runtime-class/resource.ts";
import { secrets } from "./kinds/secret/resource.ts";
import { services } from "./kinds/service/resource.ts";
import { serviceAccounts } from "./kinds/service-account/resource.ts";
import { statefulSets } from "./kinds/stateful-set/resource.ts";
import type { ResourceDefinition } from "./resource-definition.ts";

/** Every kind of the API. A new kind is a new row here. */
export const resources: readonly ResourceDefinition[] = [
  configMaps,
  endpointsResource,
  events,
  limitRanges,
  namespacesResource,
  nodes,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  cronJobs,
  jobs,
  leases,
  endpointSlices,
  newStyleEvents,
  runtimeClasses,
  podDisruptionBudgets,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  priorityClasses,
  ...accessReviews,
];

/** By the parts of a URL: ("", "v1", "pods"). */
export function findResource(group: string, version: string, plural: string): ResourceDefinition | undefined {
  return resources.find((row) => row.group === group && row.version === version && row.plural === plural);
}

export function findKind(group: string, version: string, kind: string): ResourceDefinition | undefined {
  return resources.find((row) => row.group === group && row.version === version && row.kind === kind);
}
