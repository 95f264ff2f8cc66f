import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ConfigSchema, Environment } from "./service-definition.ts";

/** The environment makes no sense; the message names every variable that is wrong and is all that an operator needs. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Applies a schema to the environment. Empty variables count as absent: compose files and unit files write them for
 * "not set". Throws ConfigError with one line per wrong variable: `image-puller: PODBUS_NODE_NAME: required`.
 */
export function parseConfig<C>(service: string, schema: ConfigSchema<C>, env: Environment): C {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${service}: ${describeIssue(issue, present)}`);
  throw new ConfigError([...new Set(lines)].join("\n"));
}

function describeIssue(issue: z.core.$ZodIssue, env: Environment): string {
  // What follows is a place in its value, a list: the message says what is wrong there.
  const variable = String(issue.path[0] ?? "");
  if (variable === "") return issue.message;
  return `${variable}: ${env[variable] === undefined ? "required" : issue.message}`;
}

/** Kubernetes: a Node's name is a DNS-1123 subdomain (apimachinery validation IsDNS1123Subdomain). */
export const nodeName = z
  .string()
  .max(253, "must be no more than 253 characters")
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "must be a lowercase RFC 1123 subdomain, like node-1.example",
  );

/** A decimal integer within bounds, both included. */
export function integer(bounds: { readonly min: number; readonly max: number }) {
  const text = `must be an integer from ${bounds.min} to ${bounds.max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, text)
    .transform(Number)
    .refine((value) => value >= bounds.min && value <= bounds.max, text);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A positive duration as "500ms", "30s", "10m" or "1h"; in milliseconds. */
export const durationMs = z
  .string()
  .regex(/^[1-9]\d{0,8}(ms|s|m|h)$/, 'must be a duration like "500ms", "30s", "10m" or "1h"')
  .transform((text) => Number.parseInt(text, 10) * (unitMs[text.replace(/^\d+/, "")] ?? 1));

/**
 * Features that are switched one by one, as Kubernetes' --feature-gates: "A=true,B=false". `known`: every gate with
 * its default; another name is refused.
 */
export function featureGates<Gate extends string>(known: Readonly<Record<Gate, boolean>>) {
  return z
    .string()
    .default("")
    .transform((text, context) => {
      const gates: Record<string, boolean> = { ...known };
      for (const pair of text.split(",").map((part) => part.trim())) {
        if (pair === "") continue;
        const [name = "", value] = pair.split("=");
        if (!Object.hasOwn(known, name)) context.addIssue(`unrecognized feature gate: ${name}`);
        else if (value !== "true" && value !== "false") context.addIssue(`${name}: must be "true" or "false"`);
        gates[name] = value === "true";
      }
      return gates as Readonly<Record<Gate, boolean>>;
    });
}

/** A gRPC address of the container runtime. */
export const unixEndpoint = z
  .string()
  .regex(/^unix:\/\/\/.+/, 'must be a socket like "unix:///run/containerd/containerd.sock"');

export const defaultCriEndpoint = "unix:///run/containerd/containerd.sock";

/** How long a plain call of the container runtime may take; without it what the client of CRI says. */
export const runtimeRequestTimeout = durationMs.refine((ms) => ms >= 1_000, "must be at least 1s").optional();

/** HOST:PORT at which others reach something of this machine; "" as the host is the machine's own address. */
export const advertisedAddress = z
  .string()
  .regex(/^([^\s:]*|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'must be HOST:PORT, or ":PORT" for the address of this node')
  .transform((text) => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port > 0 && port <= 65_535, "must have a port from 1 to 65535");

const natsUrls = z
  .string()
  .transform((text) => text.split(",").map((url) => url.trim()))
  .refine(
    (urls) => urls.every((url) => /^(nats|tls|ws|wss):\/\/[^\s/]+$/.test(url)),
    'must be NATS URLs separated by commas, like "nats://127.0.0.1:4222"',
  );

/** What every process reads, whatever it hosts. */
export const commonConfig = z
  .object({
    PODBUS_NATS_URL: natsUrls.default(["nats://127.0.0.1:4222"]),
    PODBUS_NATS_SEED_FILE: z.string().optional(),
    PODBUS_NODE_NAME: nodeName.optional(),
    PODBUS_ENCRYPTION_CONFIG: z.string().optional(),
    PODBUS_LOG_LEVEL: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
        error: 'must be "trace", "debug", "info", "warn", "error", "fatal" or "silent"',
      })
      .default("info"),
  })
  .transform((env) => ({
    natsServers: env.PODBUS_NATS_URL,
    natsSeedFile: env.PODBUS_NATS_SEED_FILE,
    nodeName: env.PODBUS_NODE_NAME,
    encryptionConfigFile: env.PODBUS_ENCRYPTION_CONFIG,
    logLevel: env.PODBUS_LOG_LEVEL,
  }));

export type CommonConfig = z.output<typeof commonConfig>;

/** The nkey seed of a service, from its file; the file's text is never part of an error. */
export function readNkeySeed(service: string, path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new ConfigError(`${service}: PODBUS_NATS_SEED_FILE: cannot read ${path}: ${why}`);
  }
  if (!/^SU[A-Z2-7]{56}$/.test(text)) {
    throw new ConfigError(`${service}: PODBUS_NATS_SEED_FILE: ${path} holds no nkey seed of a user ("SU…")`);
  }
  return new TextEncoder().encode(text);
}
