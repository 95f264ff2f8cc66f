import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { containerColumns } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { scaleSubresource } from "../scale/scalable.ts";
import { type StatefulSet, type StatefulSetUpdateStrategy, statefulSetSchema } from "./schema.ts";
import { validateStatefulSet, validateStatefulSetUpdate } from "./validate.ts";

/** pkg/apis/apps/v1/defaults.go SetDefaults_StatefulSet */
function defaultStatefulSet(object: StatefulSet): StatefulSet {
  const { spec } = object;
  return {
    ...object,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      podManagementPolicy: spec.podManagementPolicy ?? "OrderedReady",
      updateStrategy: defaultStrategy(spec.updateStrategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: "Retain",
        whenScaled: "Retain",
        ...spec.persistentVolumeClaimRetentionPolicy,
      },
      template: defaultPodTemplate(spec.template),
      ...(spec.volumeClaimTemplates ? { volumeClaimTemplates: spec.volumeClaimTemplates.map(defaultClaim) } : {}),
    },
  };
}

function defaultStrategy(strategy: StatefulSetUpdateStrategy = {}): StatefulSetUpdateStrategy {
  const type = strategy.type ?? "RollingUpdate";
  if (type !== "RollingUpdate") return { ...strategy, type };
  return { type, rollingUpdate: { partition: 0, ...strategy.rollingUpdate } };
}

type Claim = NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]>[number];

function defaultClaim(claim: Claim): Claim {
  return {
    ...claim,
    apiVersion: claim.apiVersion ?? "v1",
    kind: claim.kind ?? "PersistentVolumeClaim",
    spec: { ...claim.spec, volumeMode: claim.spec?.volumeMode ?? "Filesystem" },
    status: { ...claim.status, phase: claim.status?.phase ?? "Pending" },
  };
}

export const statefulSets = defineResource<StatefulSet>({
  group: "apps",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  namespaced: true,
  subresources: [scaleSubresource, statusSubresource],
  schema: statefulSetSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: defaultStatefulSet,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  initialStatus: () => ({ replicas: 0, availableReplicas: 0 }),
  columns: [
    nameColumn,
    {
      name: "Ready",
      type: "string",
      description: "How many pods are ready, of how many that are wanted.",
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template),
  ],
});
