import type { ClusterServiceDefinition } from "@podbus/service";
import { type SchedulerAdmissionConfig, schedulerAdmissionConfig } from "./config.ts";
import { startSchedulerAdmission } from "./service.ts";

export { type SchedulerAdmissionConfig, schedulerAdmissionConfig } from "./config.ts";
export { startSchedulerAdmission } from "./service.ts";

export const schedulerAdmission: ClusterServiceDefinition<SchedulerAdmissionConfig> = {
  name: "scheduler-admission",
  scope: "cluster",
  configSchema: schedulerAdmissionConfig,
  start: startSchedulerAdmission,
};
