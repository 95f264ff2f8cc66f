import { endpointSliceDescriptions } from "../kinds/endpoint-slice/descriptions.ts";
import { endpointsDescriptions } from "../kinds/endpoints/descriptions.ts";
import { newStyleEventDescriptions } from "../kinds/event/descriptions.ts";
import { limitRangeDescriptions } from "../kinds/limit-range/descriptions.ts";
import { priorityClassDescriptions } from "../kinds/priority-class/descriptions.ts";
import { resourceQuotaDescriptions } from "../kinds/resource-quota/descriptions.ts";
import { runtimeClassDescriptions } from "../kinds/runtime-class/descriptions.ts";
import { serviceDescriptions } from "../kinds/service/descriptions.ts";
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
  serviceDescriptions,
];

const byType: TypeDescriptions = Object.assign({}, ...tables);

/** Undefined where nothing is said of the field. */
export function fieldDescription(typeName: string, field: string): string | undefined {
  return byType[typeName]?.[field];
}
