import { defineResource } from "../../define-resource.ts";
import { equalJson } from "../../json.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, forbidden, invalid, tooLong } from "../../validation/field-error.ts";
import { configKeyProblems, dnsSubdomainProblems } from "../../validation/formats.ts";
import { type ConfigMap, configMapSchema } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateConfigMap

const largestConfigMap = 1024 * 1024;

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const keys = (field: string, map: Readonly<Record<string, string>>) =>
    Object.keys(map).flatMap((key) =>
      configKeyProblems(key).map((problem) => invalid(`${field}[${key}]`, key, problem)),
    );
  const both = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  const textSize = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const binarySize = Object.values(binaryData).reduce((sum, value) => sum + Buffer.byteLength(value, "base64"), 0);
  return [
    ...both.map((key) => invalid(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...keys("data", data),
    ...keys("binaryData", binaryData),
    ...(textSize + binarySize > largestConfigMap ? [tooLong("", largestConfigMap)] : []),
  ];
}

function validateConfigMapUpdate(next: ConfigMap, previous: ConfigMap): FieldError[] {
  if (previous.immutable !== true) return [];
  const errors: FieldError[] = [];
  const problem = "field is immutable when `immutable` is set";
  if (next.immutable !== true) errors.push(forbidden("immutable", problem));
  for (const field of ["data", "binaryData"] as const) {
    if (!equalJson(next[field] ?? {}, previous[field] ?? {})) errors.push(forbidden(field, problem));
  }
  return errors;
}

export const configMaps = defineResource<ConfigMap>({
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  namespaced: true,
  schema: configMapSchema,
  nameProblems: dnsSubdomainProblems,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [
    nameColumn,
    {
      name: "Data",
      type: "string",
      description: "How many keys it has.",
      cell: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
});
