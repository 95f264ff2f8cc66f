import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type ServiceAccount, serviceAccountSchema } from "./schema.ts";

export const serviceAccounts = defineResource<ServiceAccount>({
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  namespaced: true,
  subresources: [
    { name: "token", verbs: ["create"], kind: "TokenRequest", group: "authentication.k8s.io", version: "v1" },
  ],
  schema: serviceAccountSchema,
  nameProblems: dnsSubdomainProblems,
  columns: [
    nameColumn,
    {
      name: "Secrets",
      type: "string",
      description: "How many secrets its pods may use.",
      cell: ({ secrets }) => (secrets ?? []).length,
    },
    ageColumn,
  ],
});
