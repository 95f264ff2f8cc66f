import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { immutable } from "../../validation/object-meta.ts";
import { containerColumns, formatLabelSelector, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { validateSelectorAndTemplate } from "../pod-template/validate.ts";
import { scaleSubresource } from "../scale/scalable.ts";
import { type ReplicaSet, replicaSetSchema } from "./schema.ts";

export const replicaSets = defineResource<ReplicaSet>({
  group: "apps",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  namespaced: true,
  subresources: [scaleSubresource, statusSubresource],
  schema: replicaSetSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  // pkg/apis/apps/v1/defaults.go SetDefaults_ReplicaSet
  defaults: (object) => ({
    ...object,
    spec: { ...object.spec, replicas: object.spec.replicas ?? 1, template: defaultPodTemplate(object.spec.template) },
  }),
  // pkg/apis/apps/validation/validation.go ValidateReplicaSetSpec
  validate: ({ spec }) => [
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateSelectorAndTemplate(
      { selector: spec.selector, template: spec.template, emptySelectorName: "deployment", kind: "ReplicaSet" },
      "spec",
    ),
  ],
  validateUpdate: (next, previous) => immutable("spec.selector", next.spec.selector, previous.spec.selector),
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
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => formatLabelSelector(spec.selector)),
  ],
});
