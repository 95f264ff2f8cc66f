import { defineResource } from "../../define-resource.ts";
import { equalJson } from "../../json.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, forbidden } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { immutable } from "../../validation/object-meta.ts";
import { type Secret, secretSchema } from "./schema.ts";
import { validateSecret } from "./validate.ts";

/** stringData is for writing only: it ends up, base64, in data. pkg/apis/core/v1/conversion.go, defaults.go */
function defaultSecret(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  const written = Object.entries(stringData ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text, "utf8").toString("base64"),
  ]);
  const data = written.length === 0 ? rest.data : { ...rest.data, ...Object.fromEntries(written) };
  return { ...rest, ...(data === undefined ? {} : { data }), type: secret.type ?? "Opaque" };
}

function validateSecretUpdate(next: Secret, previous: Secret): FieldError[] {
  const errors = immutable("type", next.type, previous.type);
  if (previous.immutable !== true) return errors;
  const problem = "field is immutable when `immutable` is set";
  if (next.immutable !== true) errors.push(forbidden("immutable", problem));
  if (!equalJson(next.data ?? {}, previous.data ?? {})) errors.push(forbidden("data", problem));
  return errors;
}

export const secrets = defineResource<Secret>({
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
  schema: secretSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: defaultSecret,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectableFields: ({ type }) => ({ type: type ?? "" }),
  columns: [
    nameColumn,
    { name: "Type", type: "string", description: "What its data is for.", cell: ({ type }) => type ?? "" },
    {
      name: "Data",
      type: "string",
      description: "How many keys it has.",
      cell: ({ data }) => Object.keys(data ?? {}).length,
    },
    ageColumn,
  ],
});
