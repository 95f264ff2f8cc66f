import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid, notSupported } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { validateAtMost100Percent, validateIntOrPercent } from "../../validation/numbers.ts";
import { validateLabelSelector } from "../../validation/object-meta.ts";
import { type PodDisruptionBudget, podDisruptionBudgetSchema } from "./schema.ts";

const unhealthyPolicies = ["AlwaysAllow", "IfHealthyBudget"];

/** pkg/apis/policy/validation/validation.go ValidatePodDisruptionBudgetSpec */
function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: unhealthy } = spec;
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")]
      : []),
    ...validateAmount(minAvailable, "spec.minAvailable"),
    ...validateAmount(maxUnavailable, "spec.maxUnavailable"),
    ...validateLabelSelector(spec.selector, "spec.selector"),
    ...(unhealthy === undefined || unhealthyPolicies.includes(unhealthy)
      ? []
      : [notSupported("spec.unhealthyPodEvictionPolicy", unhealthy, unhealthyPolicies)]),
  ];
}

const validateAmount = (amount: number | string | undefined, field: string) => [
  ...validateIntOrPercent(amount, field),
  ...validateAtMost100Percent(amount, field),
];

const orNotApplicable = (amount: number | string | undefined) => (amount === undefined ? "N/A" : String(amount));

export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: "policy",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  namespaced: true,
  subresources: [statusSubresource],
  schema: podDisruptionBudgetSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  validate: validateBudget,
  initialStatus: () => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
  columns: [
    nameColumn,
    {
      name: "Min Available",
      type: "string",
      description: "How many pods must stay.",
      cell: ({ spec }) => orNotApplicable(spec.minAvailable),
    },
    {
      name: "Max Unavailable",
      type: "string",
      description: "How many pods may be missing.",
      cell: ({ spec }) => orNotApplicable(spec.maxUnavailable),
    },
    {
      name: "Allowed Disruptions",
      type: "integer",
      description: "How many pods may be disrupted now.",
      cell: ({ status }) => status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
});
