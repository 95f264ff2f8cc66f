import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type Lease, leaseSchema } from "./schema.ts";

/** pkg/apis/coordination/validation/validation.go ValidateLeaseSpec */
function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec ?? {};
  const errors: FieldError[] = [];
  if (duration !== undefined && duration <= 0) {
    errors.push(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
  }
  return errors;
}

export const leases = defineResource<Lease>({
  group: "coordination.k8s.io",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
  schema: leaseSchema,
  nameProblems: dnsSubdomainProblems,
  validate: validateLease,
  columns: [
    nameColumn,
    {
      name: "Holder",
      type: "string",
      description: "Who holds it.",
      cell: ({ spec }) => spec?.holderIdentity ?? "",
    },
    ageColumn,
  ],
});
