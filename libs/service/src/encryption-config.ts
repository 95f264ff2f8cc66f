import { readFileSync } from "node:fs";
import type { Encryption } from "@podbus/store";
import { parse } from "yaml";
import { z } from "zod";
import { ConfigError } from "./environment.ts";

// apiserver.config.k8s.io/v1 EncryptionConfiguration (apiserver/pkg/apis/apiserver/v1/types_encryption.go), as far as podbus has it.

const keyBytes: readonly number[] = [16, 24, 32];

const encryptionKey = z.strictObject({
  // It is stored with every value, in one byte's length.
  name: z.string().min(1, "required").max(255, "must be no more than 255 characters"),
  secret: z
    .base64("must be base64")
    .transform((text) => new Uint8Array(Buffer.from(text, "base64")))
    .refine(({ length }) => keyBytes.includes(length), "must be 16, 24 or 32 bytes"),
});

const aesgcm = z
  .strictObject({ keys: z.array(encryptionKey).min(1, "at least one key is required") })
  .refine(({ keys }) => new Set(keys.map(({ name }) => name)).size === keys.length, "the keys' names must be unique");

const oneProvider = "exactly one provider is required: aesgcm or identity";

const provider = z
  .strictObject(
    { aesgcm: aesgcm.optional(), identity: z.strictObject({}).optional() },
    { error: ({ code }) => (code === "unrecognized_keys" ? oneProvider : undefined) },
  )
  .transform((one, context) => {
    if (one.aesgcm && !one.identity) return { kind: "aesgcm" as const, keys: one.aesgcm.keys };
    if (one.identity && !one.aesgcm) return { kind: "identity" as const };
    context.addIssue({ code: "custom", message: oneProvider });
    return z.NEVER;
  });

const rule = z.strictObject({
  resources: z.array(z.literal("secrets", "podbus encrypts secrets only")).min(1, "required"),
  providers: z.array(provider).min(1, "at least one provider is required"),
});

const encryptionConfiguration = z
  .strictObject({
    apiVersion: z.literal("apiserver.config.k8s.io/v1"),
    kind: z.literal("EncryptionConfiguration"),
    resources: z.array(rule).length(1, "exactly one rule is required"),
  })
  .transform(({ resources }): Encryption => ({ rules: resources }));

/** Kubernetes' EncryptionConfiguration in a file. Throws ConfigError, which never quotes the file. */
export function readEncryptionConfig(service: string, path: string): Encryption {
  const fail = (problem: string) => new ConfigError(`${service}: PODBUS_ENCRYPTION_CONFIG: ${path}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fail(`cannot be read: ${error instanceof Error && "code" in error ? String(error.code) : "unreadable"}`);
  }
  const result = encryptionConfiguration.safeParse(parseYaml(text, fail));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: field, message }) => `${field.map(String).join(".")}: ${message}`);
  throw fail([...new Set(problems)].join("; "));
}

function parseYaml(text: string, fail: (problem: string) => ConfigError): unknown {
  try {
    return parse(text);
  } catch {
    // The parser's message quotes the text, and that holds keys.
    throw fail("is not YAML");
  }
}
