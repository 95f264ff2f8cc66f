import { z } from "zod";
import { parseLocation } from "../credentials/match-image.ts";
import { parseGoDuration } from "./go-duration.ts";

/** One credential provider plugin: kubelet.config.k8s.io/v1 CredentialProvider. */
export interface CredentialPlugin {
  readonly name: string;
  readonly matchImages: readonly string[];
  readonly defaultCacheMs: number;
  readonly apiVersion: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export const pluginApiVersion = "credentialprovider.kubelet.k8s.io/v1";

// Messages: pkg/credentialprovider/plugin/config.go, validateCredentialProviderConfig.

const name = z
  .string({ error: "provider name is required" })
  .min(1, "provider name is required")
  .refine((text) => !text.includes("/"), "provider name cannot contain '/'")
  .refine((text) => !text.includes(" "), "provider name cannot contain spaces")
  .refine((text) => text !== ".", "provider name cannot be '.'")
  .refine((text) => text !== "..", "provider name cannot be '..'");

const cacheDuration = z.string({ error: "defaultCacheDuration is required" }).transform((text, context) => {
  const ms = parseGoDuration(text);
  if (ms === undefined) context.addIssue(`not a duration: ${text}`);
  else if (ms < 0) context.addIssue("defaultCacheDuration must be greater than or equal to 0");
  return ms ?? 0;
});

const oneItem = "at least 1 item in matchImages is required";

const provider = z
  .strictObject({
    name,
    matchImages: z
      .array(
        z.string().refine((text) => parseLocation(text) !== undefined, "match image is invalid"),
        { error: oneItem },
      )
      .min(1, oneItem),
    defaultCacheDuration: cacheDuration,
    apiVersion: z.literal(pluginApiVersion, { error: `supported values: "${pluginApiVersion}"` }),
    args: z.array(z.string()).default([]),
    env: z.array(z.strictObject({ name: z.string().min(1), value: z.string().default("") })).default([]),
    // Service-account tokens for plugins are not supported: a plugin that needs them must not go without.
  })
  .transform(
    ({ defaultCacheDuration: defaultCacheMs, env, ...rest }): CredentialPlugin => ({
      ...rest,
      defaultCacheMs,
      env: Object.fromEntries(env.map((each) => [each.name, each.value])),
    }),
  );

/** CredentialProviderConfig, as the kubelet reads it with --image-credential-provider-config. */
export const credentialProviderConfig = z
  .strictObject({
    apiVersion: z.literal("kubelet.config.k8s.io/v1"),
    kind: z.literal("CredentialProviderConfig"),
    providers: z.array(provider).min(1, "at least 1 item in plugins is required"),
  })
  .superRefine(({ providers }, context) => {
    for (const [index, each] of providers.entries()) {
      if (providers.findIndex((other) => other.name === each.name) === index) continue;
      context.addIssue({
        code: "custom",
        path: ["providers", index, "name"],
        message: `Duplicate value: "${each.name}"`,
      });
    }
  })
  .transform(({ providers }) => providers);
