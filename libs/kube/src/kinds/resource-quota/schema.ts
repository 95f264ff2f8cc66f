import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

const scopeRequirementSchema = objectType(
  core("ScopedResourceSelectorRequirement"),
  { scopeName: is.string, operator: is.string, values: may.strings },
  "A scope, and for some the values that it must or must not have.",
);
export type ScopeRequirement = z.infer<typeof scopeRequirementSchema>;

const resourceQuotaSpecSchema = objectType(
  core("ResourceQuotaSpec"),
  {
    hard: may.resourceList,
    scopes: may.strings,
    scopeSelector: objectType(
      core("ScopeSelector"),
      { matchExpressions: listOf(scopeRequirementSchema).optional() },
      "Scopes, all of which an object must be in to be counted.",
    ).optional(),
  },
  "How much there may be, and what is counted.",
  { mayBeLeftOut: true },
);
export type ResourceQuotaSpec = z.infer<typeof resourceQuotaSpecSchema>;

export const resourceQuotaSchema = objectType(
  core("ResourceQuota"),
  {
    ...typedObjectShape,
    spec: resourceQuotaSpecSchema,
    status: objectType(
      core("ResourceQuotaStatus"),
      { hard: may.resourceList, used: may.resourceList },
      "How much is used of what there may be.",
    ).optional(),
  },
  "How much all objects of a namespace may ask for together.",
);
export type ResourceQuota = z.infer<typeof resourceQuotaSchema>;
