import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type ResourceQuota, resourceQuotaSchema } from "./schema.ts";
import { validateResourceQuota, validateResourceQuotaStatus, validateResourceQuotaUpdate } from "./validate.ts";

/** pkg/printers/internalversion/printers.go printResourceQuota: "cpu: 1/2, memory: 1Gi/2Gi" */
function usage({ status }: ResourceQuota, counts: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  const names = Object.keys(hard).filter(counts).sort();
  return names.map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`).join(", ");
}

const isLimit = (name: string) => name.startsWith("limits.");

export const resourceQuotas = defineResource<ResourceQuota>({
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  namespaced: true,
  subresources: [statusSubresource],
  schema: resourceQuotaSchema,
  nameProblems: dnsSubdomainProblems,
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatus: validateResourceQuotaStatus,
  initialStatus: () => ({}),
  columns: [
    nameColumn,
    {
      name: "Request",
      type: "string",
      description: "What is used of what may be asked for.",
      cell: (quota) => usage(quota, (name) => !isLimit(name)),
    },
    {
      name: "Limit",
      type: "string",
      description: "What is used of what limits may add up to.",
      cell: (quota) => usage(quota, isLimit),
    },
    ageColumn,
  ],
});
