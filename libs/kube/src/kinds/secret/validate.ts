import { isJsonObject } from "../../json.ts";
import { type FieldError, invalid, required, tooLong } from "../../validation/field-error.ts";
import { configKeyProblems } from "../../validation/formats.ts";
import type { Secret } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateSecret

const largestSecret = 1024 * 1024;
const redacted = "<secret contents redacted>";

function has(secret: Secret, key: string): boolean {
  return Object.hasOwn(secret.data ?? {}, key);
}

function requireKeys(secret: Secret, keys: readonly string[]): FieldError[] {
  return keys.filter((key) => !has(secret, key)).map((key) => required(`data[${key}]`));
}

function validateJson(secret: Secret, key: string): FieldError[] {
  if (!has(secret, key)) return [required(`data[${key}]`)];
  try {
    const value: unknown = JSON.parse(Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8"));
    if (value === null || isJsonObject(value)) return [];
    return [invalid(`data[${key}]`, redacted, "must be a JSON object")];
  } catch (thrown) {
    // The parser's message may quote the secret: only its kind is told.
    return [invalid(`data[${key}]`, redacted, thrown instanceof SyntaxError ? "invalid JSON" : "unreadable")];
  }
}

const accountAnnotation = "kubernetes.io/service-account.name";

/** Rules of the types that Kubernetes knows; other types are free. */
const typeRules: Readonly<Record<string, (secret: Secret) => FieldError[]>> = {
  "kubernetes.io/service-account-token": ({ metadata }) =>
    (metadata.annotations?.[accountAnnotation] ?? "") === ""
      ? [required(`metadata.annotations[${accountAnnotation}]`)]
      : [],
  "kubernetes.io/dockercfg": (secret) => validateJson(secret, ".dockercfg"),
  "kubernetes.io/dockerconfigjson": (secret) => validateJson(secret, ".dockerconfigjson"),
  "kubernetes.io/basic-auth": (secret) =>
    has(secret, "username") || has(secret, "password") ? [] : requireKeys(secret, ["username", "password"]),
  "kubernetes.io/ssh-auth": (secret) =>
    (secret.data?.["ssh-privatekey"] ?? "") === "" ? [required("data[ssh-privatekey]")] : [],
  "kubernetes.io/tls": (secret) => requireKeys(secret, ["tls.crt", "tls.key"]),
};

export function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, "base64"), 0);
  const type = secret.type ?? "";
  return [
    ...Object.keys(data).flatMap((key) =>
      configKeyProblems(key).map((problem) => invalid(`data[${key}]`, key, problem)),
    ),
    ...(size > largestSecret ? [tooLong("data", largestSecret)] : []),
    ...(Object.hasOwn(typeRules, type) ? (typeRules[type]?.(secret) ?? []) : []),
  ];
}
