import { defineResource } from "../../define-resource.ts";
import { createdAtColumn, nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { defaultLimitRange } from "./defaults.ts";
import { type LimitRange, limitRangeSchema } from "./schema.ts";
import { validateLimitRange } from "./validate.ts";

export const limitRanges = defineResource<LimitRange>({
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  namespaced: true,
  schema: limitRangeSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: defaultLimitRange,
  validate: validateLimitRange,
  columns: [nameColumn, createdAtColumn],
});
