import { accessReviewDescriptions } from "../kinds/access-review/descriptions.ts";
import { controllerRevisionDescriptions } from "../kinds/controller-revision/descriptions.ts";
import { cronJobDescriptions } from "../kinds/cron-job/descriptions.ts";
import { daemonSetDescriptions } from "../kinds/daemon-set/descriptions.ts";
import { deploymentDescriptions } from "../kinds/deployment/descriptions.ts";
import { endpointSliceDescriptions } from "../kinds/endpoint-slice/descriptions.ts";
import { endpointsDescriptions } from "../kinds/endpoints/descriptions.ts";
import { newStyleEventDescriptions } from "../kinds/event/descriptions.ts";
import { jobDescriptions } from "../kinds/job/descriptions.ts";
import { limitRangeDescriptions } from "../kinds/limit-range/descriptions.ts";
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
import { serviceDescriptions } from "../kinds/service/descriptions.ts";
import { statefulSetDescriptions } from "../kinds/stateful-set/descriptions.ts";
import type { TypeDescriptions } from "../schema/descriptions.ts";

/** One table for each kind. */
const tables: readonly TypeDescriptions[] = [
  endpointSliceDescriptions,
  endpointsDescriptions,
  limitRangeDescriptions,
  newStyleEventDescriptions,
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
];

const byType: TypeDescriptions = Object.assign({}, ...tables);

/** Undefined where nothing is said of the field. */
export function fieldDescription(typeName: string, field: string): string | undefined {
  return byType[typeName]?.[field];
}
