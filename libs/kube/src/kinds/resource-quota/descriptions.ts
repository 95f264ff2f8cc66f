import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const resourceQuotaDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.ResourceQuota": {
    spec: "How much there may be.",
    status: "How much of it is used. Written by the system.",
  },
  "io.k8s.api.core.v1.ResourceQuotaSpec": {
    hard: "The most that there may be, by resource.",
    scopes: "Only objects in all of these scopes are counted. They cannot be changed.",
    scopeSelector: "As scopes, for scopes that have values.",
  },
  "io.k8s.api.core.v1.ScopeSelector": { matchExpressions: "The scopes." },
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement": {
    scopeName: "Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass or CrossNamespacePodAffinity.",
    operator: "How the values matter: In, NotIn, Exists or DoesNotExist.",
    values: "The values, for In and NotIn; none for the others.",
  },
  "io.k8s.api.core.v1.ResourceQuotaStatus": {
    hard: "The most that there may be, by resource, as last enforced.",
    used: "How much there is, by resource.",
  },
};
