import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import {
  isZero,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateNotNegative,
} from "../../validation/numbers.ts";
import { immutable } from "../../validation/object-meta.ts";
import { containerColumns, formatLabelSelector, formatLabels, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { validateSelectorAndTemplate } from "../pod-template/validate.ts";
import { type DaemonSet, type DaemonSetUpdateStrategy, daemonSetSchema } from "./schema.ts";

/** pkg/apis/apps/v1/defaults.go SetDefaults_DaemonSet */
function defaultStrategy(strategy: DaemonSetUpdateStrategy): DaemonSetUpdateStrategy {
  const type = strategy.type ?? "RollingUpdate";
  if (type !== "RollingUpdate") return { ...strategy, type };
  return { type, rollingUpdate: { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate } };
}

/** pkg/apis/apps/validation/validation.go ValidateDaemonSetUpdateStrategy, ValidateRollingUpdateDaemonSet */
function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, field: string): FieldError[] {
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(`${field}.type`, type, ["RollingUpdate", "OnDelete"])];
  if (rollingUpdate === undefined) return [required(`${field}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const at = `${field}.rollingUpdate`;
  return [
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...validateAtMost100Percent(maxSurge, `${at}.maxSurge`),
    ...(!isZero(maxUnavailable) && !isZero(maxSurge)
      ? [invalid(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero")]
      : []),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0")]
      : []),
  ];
}

export const daemonSets = defineResource<DaemonSet>({
  group: "apps",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  namespaced: true,
  subresources: [statusSubresource],
  schema: daemonSetSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      updateStrategy: defaultStrategy(object.spec.updateStrategy ?? {}),
      revisionHistoryLimit: object.spec.revisionHistoryLimit ?? 10,
      template: defaultPodTemplate(object.spec.template),
    },
  }),
  // pkg/apis/apps/validation/validation.go ValidateDaemonSetSpec
  validate: ({ spec }) => [
    ...validateSelectorAndTemplate(
      { selector: spec.selector, template: spec.template, emptySelectorName: "daemonset", kind: "DaemonSet" },
      "spec",
    ),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
  ],
  validateUpdate: (next, previous) => immutable("spec.selector", next.spec.selector, previous.spec.selector),
  initialStatus: () => ({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  columns: [
    nameColumn,
    {
      name: "Desired",
      type: "integer",
      description: "How many nodes shall have a pod.",
      cell: ({ status }) => status?.desiredNumberScheduled ?? 0,
    },
    {
      name: "Current",
      type: "integer",
      description: "How many of them have one.",
      cell: ({ status }) => status?.currentNumberScheduled ?? 0,
    },
    {
      name: "Ready",
      type: "integer",
      description: "On how many it is ready.",
      cell: ({ status }) => status?.numberReady ?? 0,
    },
    {
      name: "Up-to-date",
      type: "integer",
      description: "On how many it is made from the present template.",
      cell: ({ status }) => status?.updatedNumberScheduled ?? 0,
    },
    {
      name: "Available",
      type: "integer",
      description: "On how many it has been ready for long enough.",
      cell: ({ status }) => status?.numberAvailable ?? 0,
    },
    {
      name: "Node Selector",
      type: "string",
      description: "Which nodes shall have one, by their labels.",
      cell: ({ spec }) => formatLabels(spec.template.spec.nodeSelector),
    },
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => formatLabelSelector(spec.selector)),
  ],
});
