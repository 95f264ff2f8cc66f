import { z } from "zod";
import type { DockerCredential } from "../credentials/docker-config.ts";
import { parseGoDuration } from "./go-duration.ts";

/** For what an answer serves: this image, every image of its registry, or every image. */
export const keyTypes = ["Image", "Registry", "Global"] as const;
export type CacheKeyType = (typeof keyTypes)[number];

export interface PluginResponse {
  readonly cacheKeyType: CacheKeyType;
  /** Undefined: the plugin's default. 0 or less: not kept. */
  readonly cacheMs: number | undefined;
  readonly entries: ReadonlyMap<string, DockerCredential>;
}

export type ParsedResponse =
  | { readonly ok: true; readonly response: PluginResponse }
  /** Never quotes the answer. */
  | { readonly ok: false; readonly problem: string };

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const schema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  cacheKeyType: z.enum(keyTypes),
  cacheDuration: z
    .string()
    .nullish()
    .transform((value, context) => {
      if (value === null || value === undefined) return undefined;
      const ms = parseGoDuration(value);
      if (ms === undefined) context.addIssue("not a duration");
      return ms;
    }),
  auth: z
    .record(z.string(), z.object({ username: text, password: text }))
    .nullish()
    .transform((value) => value ?? {}),
});

/** What a plugin has printed: pkg/credentialprovider/plugin, ExecPlugin. */
export function parsePluginResponse(output: string, apiVersion: string): ParsedResponse {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return { ok: false, problem: "its answer is not JSON" };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.slice(0, 1).join(".") || "the whole"))];
    return { ok: false, problem: `its answer is no CredentialProviderResponse: ${fields.join(", ")}` };
  }
  const { kind, apiVersion: given, cacheKeyType, cacheDuration, auth } = parsed.data;
  if (kind !== "CredentialProviderResponse") return { ok: false, problem: "its answer is of another kind" };
  if (given !== apiVersion)
    return { ok: false, problem: `its answer is not in the ${apiVersion} that it was asked in` };
  return { ok: true, response: { cacheKeyType, cacheMs: cacheDuration, entries: new Map(Object.entries(auth)) } };
}
