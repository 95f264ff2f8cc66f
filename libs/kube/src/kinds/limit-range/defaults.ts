import type { LimitRange, LimitRangeItem } from "./schema.ts";

/** What a container's bounds leave out follows from the others: pkg/apis/core/v1/defaults.go SetDefaults_LimitRangeItem. */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== "Container") return item;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  return {
    ...item,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  };
}

export function defaultLimitRange(limitRange: LimitRange): LimitRange {
  return { ...limitRange, spec: { ...limitRange.spec, limits: limitRange.spec.limits.map(defaultItem) } };
}
