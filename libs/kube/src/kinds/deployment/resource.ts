import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { immutable } from "../../validation/object-meta.ts";
import { containerColumns, formatLabelSelector, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { scaleSubresource } from "../scale/scalable.ts";
import { type Deployment, type DeploymentStrategy, deploymentSchema } from "./schema.ts";
import { validateDeployment } from "./validate.ts";

/** pkg/apis/apps/v1/defaults.go SetDefaults_Deployment */
function defaultDeployment(object: Deployment): Deployment {
  const { spec } = object;
  return {
    ...object,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      strategy: defaultStrategy(spec.strategy ?? {}),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
      template: defaultPodTemplate(spec.template),
    },
  };
}

function defaultStrategy(strategy: DeploymentStrategy): DeploymentStrategy {
  const type = strategy.type ?? "RollingUpdate";
  if (type !== "RollingUpdate") return { ...strategy, type };
  return { type, rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%", ...strategy.rollingUpdate } };
}

export const deployments = defineResource<Deployment>({
  group: "apps",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  namespaced: true,
  subresources: [scaleSubresource, statusSubresource],
  schema: deploymentSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: defaultDeployment,
  validate: validateDeployment,
  validateUpdate: (next, previous) => immutable("spec.selector", next.spec.selector, previous.spec.selector),
  initialStatus: () => ({}),
  columns: [
    nameColumn,
    {
      name: "Ready",
      type: "string",
      description: "How many pods are ready, of how many that are wanted.",
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    {
      name: "Up-to-date",
      type: "integer",
      description: "How many pods are made from the present template.",
      cell: ({ status }) => status?.updatedReplicas ?? 0,
    },
    {
      name: "Available",
      type: "integer",
      description: "How many pods have been ready for long enough.",
      cell: ({ status }) => status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => formatLabelSelector(spec.selector)),
  ],
});
