import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { validateLabels } from "../../validation/object-meta.ts";
import { containerColumns, formatLabels, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { validatePodTemplate } from "../pod-template/validate.ts";
import { scaleSubresource } from "../scale/scalable.ts";
import { type ReplicationController, replicationControllerSchema } from "./schema.ts";

/** pkg/apis/core/v1/defaults.go SetDefaults_ReplicationController */
function defaultReplicationController(object: ReplicationController): ReplicationController {
  const { metadata, spec } = object;
  const labels = spec.template?.metadata?.labels;
  return {
    ...object,
    metadata: { ...metadata, ...(metadata.labels === undefined && labels ? { labels } : {}) },
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      ...(spec.selector === undefined && labels ? { selector: labels } : {}),
      ...(spec.template ? { template: defaultPodTemplate(spec.template) } : {}),
    },
  };
}

/** pkg/apis/core/validation/validation.go ValidateReplicationControllerSpec, ValidatePodTemplateSpecForRC */
function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  return [
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...(Object.keys(spec.selector ?? {}).length === 0 ? [required("spec.selector")] : []),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateTemplate(spec),
  ];
}

function validateTemplate({ selector = {}, template }: ReplicationController["spec"]): FieldError[] {
  if (template === undefined) return [required("spec.template")];
  const labels = template.metadata?.labels ?? {};
  const matches = Object.entries(selector).every(([key, value]) => labels[key] === value);
  const { restartPolicy } = template.spec;
  const at = "spec.template";
  return [
    ...(matches ? [] : [invalid(`${at}.metadata.labels`, labels, "`selector` does not match template `labels`")]),
    ...validatePodTemplate(template, at),
    ...(restartPolicy === "Always" ? [] : [notSupported(`${at}.spec.restartPolicy`, restartPolicy, ["Always"])]),
  ];
}

export const replicationControllers = defineResource<ReplicationController>({
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  namespaced: true,
  subresources: [scaleSubresource, statusSubresource],
  schema: replicationControllerSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: defaultReplicationController,
  validate: validateReplicationController,
  initialStatus: () => ({ replicas: 0 }),
  selectableFields: ({ status }) => ({ "status.replicas": String(status?.replicas ?? 0) }),
  columns: [
    nameColumn,
    {
      name: "Desired",
      type: "integer",
      description: "How many pods there shall be.",
      cell: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: "Current",
      type: "integer",
      description: "How many pods there are.",
      cell: ({ status }) => status?.replicas ?? 0,
    },
    {
      name: "Ready",
      type: "integer",
      description: "How many of them are ready.",
      cell: ({ status }) => status?.readyReplicas ?? 0,
    },
    ageColumn,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template ?? { spec: { containers: [] } }),
    selectorColumn(({ spec }) => formatLabels(spec.selector)),
  ],
});
