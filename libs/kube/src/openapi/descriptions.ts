import { accessReviewDescriptions } from "../kinds/access-review/descriptions.ts";
import { configMapDescriptions } from "../kinds/config-map/descriptions.ts";
import { controllerRevisionDescriptions } from "../kinds/controller-revision/descriptions.ts";
import { cronJobDescriptions } from "../kinds/cron-job/descriptions.ts";
import { daemonSetDescriptions } from "../kinds/daemon-set/descriptions.ts";
import { deploymentDescriptions } from "../kinds/deployment/descriptions.ts";
import { endpointSliceDescriptions } from "../kinds/endpoint-slice/descriptions.ts";
import { endpointsDescriptions } from "../kinds/endpoints/descriptions.ts";
import { eventDescriptions } from "../kinds/event/descriptions.ts";
import { evictionDescriptions } from "../kinds/eviction/descriptions.ts";
import { jobDescriptions } from "../kinds/job/descriptions.ts";
import { leaseDescriptions } from "../kinds/lease/descriptions.ts";
import { limitRangeDescriptions } from "../kinds/limit-range/descriptions.ts";
import { namespaceDescriptions } from "../kinds/namespace/descriptions.ts";
import { nodeDescriptions } from "../kinds/node/descriptions.ts";
import { containerDescriptions } from "../kinds/pod/descriptions/container.ts";
import { podDescriptions } from "../kinds/pod/descriptions/pod.ts";
import { schedulingDescriptions } from "../kinds/pod/descriptions/scheduling.ts";
import { podStatusDescriptions } from "../kinds/pod/descriptions/status.ts";
import { volumeDescriptions } from "../kinds/pod/descriptions/volume.ts";
import { podDisruptionBudgetDescriptions } from "../kinds/pod-disruption-budget/descriptions.ts";
import { podTemplateDescriptions } from "../kinds/pod-template/descriptions.ts";
import { priorityClassDescriptions } from "../kinds/priority-class/descriptions.ts";
import { replicaSetDescriptions } from "../kinds/replica-set/descriptions.ts";
import { replicationControllerDescriptions } from "../kinds/replication-controller/descriptions.ts";
import { resourceQuotaDescriptions } from "../kinds/resource-quota/descriptions.ts";
import { roleDescriptions } from "../kinds/role/descriptions.ts";
import { roleBindingDescriptions } from "../kinds/role-binding/descriptions.ts";
import { runtimeClassDescriptions } from "../kinds/runtime-class/descriptions.ts";
import { scaleDescriptions } from "../kinds/scale/descriptions.ts";
import { secretDescriptions } from "../kinds/secret/descriptions.ts";
import { serviceDescriptions } from "../kinds/service/descriptions.ts";
import { serviceAccountDescriptions } from "../kinds/service-account/descriptions.ts";
import { statefulSetDescriptions } from "../kinds/stateful-set/descriptions.ts";
import type { TypeDescriptions } from "../schema/descriptions.ts";
import { metaDescriptions, sharedFields } from "../schema/meta-descriptions.ts";

/** One table for each kind, several for a pod. */
const tables: readonly TypeDescriptions[] = [
  endpointSliceDescriptions,
  endpointsDescriptions,
  limitRangeDescriptions,
  eventDescriptions,
  priorityClassDescriptions,
  resourceQuotaDescriptions,
  runtimeClassDescriptions,
  controllerRevisionDescriptions,
  cronJobDescriptions,
  daemonSetDescriptions,
  deploymentDescriptions,
  jobDescriptions,
  podDisruptionBudgetDescriptions,
  podTemplateDescriptions,
  replicaSetDescriptions,
  replicationControllerDescriptions,
  statefulSetDescriptions,
  scaleDescriptions,
  accessReviewDescriptions,
  roleDescriptions,
  roleBindingDescriptions,
  serviceDescriptions,
  configMapDescriptions,
  secretDescriptions,
  serviceAccountDescriptions,
  leaseDescriptions,
  evictionDescriptions,
  namespaceDescriptions,
  nodeDescriptions,
  podDescriptions,
  containerDescriptions,
  volumeDescriptions,
  schedulingDescriptions,
  podStatusDescriptions,
  metaDescriptions,
];

export const descriptionsByType: TypeDescriptions = Object.assign({}, ...tables);

/** Undefined where nothing is said of the field. */
export function fieldDescription(typeName: string, field: string): string | undefined {
  return descriptionsByType[typeName]?.[field] ?? sharedFields[field];
}

/** What a type's table says of the type itself. */
export function typeDescription(typeName: string): string | undefined {
  return descriptionsByType[typeName]?.[""];
}
