import { advertisedAddress, integer } from "@podbus/service";
import { z } from "zod";
import { parseAddressRange } from "./domain/service-claims.ts";

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]*):\d{1,5}$/, 'must be HOST:PORT, like "0.0.0.0:6443"')
  .transform((text) => {
    const colon = text.lastIndexOf(":");
    const host = text.slice(0, colon).replace(/^\[|\]$/g, "");
    return { host: host === "" ? "0.0.0.0" : host, port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, "must have a port from 0 to 65535");

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be FIRST-LAST, like "30000-32767"')
  .transform((text) => {
    const [first = 0, last = 0] = text.split("-").map(Number);
    return { first, last };
  })
  .refine(({ first, last }) => first >= 1 && first <= last && last <= 65_535, "must be ports from 1 to 65535");

const addressRange = z.string().transform((text, context) => {
  const range = parseAddressRange(text);
  if (range) return range;
  context.addIssue({ code: "custom", message: 'must be an IPv4 network of /8 to /30, like "10.96.0.0/16"' });
  return z.NEVER;
});

/** The environment of an api-gateway. The files are PEM; `podbus up` makes them. */
export const apiGatewayConfig = z
  .object({
    PODBUS_API_ADDRESS: address.default({ host: "0.0.0.0", port: 6443 }),
    PODBUS_API_ADVERTISE_ADDRESS: advertisedAddress.optional(),
    PODBUS_API_TLS_CERT: z.string(),
    PODBUS_API_TLS_KEY: z.string(),
    PODBUS_API_CLIENT_CA: z.string(),
    PODBUS_API_TOKEN_FILE: z.string().optional(),
    PODBUS_API_SERVICE_ACCOUNT_KEY: z.string().optional(),
    PODBUS_API_MAX_IN_FLIGHT: integer({ min: 10, max: 100_000 }).default(600),
    PODBUS_API_TERMINATED_POD_GC_THRESHOLD: integer({ min: 0, max: 1_000_000 }).default(12_500),
    PODBUS_SERVICE_CLUSTER_IP_RANGE: addressRange.prefault("10.96.0.0/16"),
    PODBUS_SERVICE_NODE_PORT_RANGE: portRange.prefault("30000-32767"),
    PODBUS_API_SERVICE_ACCOUNT_ISSUER: z.url().default("https://kubernetes.default.svc.cluster.local"),
  })
  .transform((env) => ({
    ...env.PODBUS_API_ADDRESS,
    advertised: env.PODBUS_API_ADVERTISE_ADDRESS,
    certificateFile: env.PODBUS_API_TLS_CERT,
    keyFile: env.PODBUS_API_TLS_KEY,
    clientAuthorityFile: env.PODBUS_API_CLIENT_CA,
    tokenFile: env.PODBUS_API_TOKEN_FILE,
    serviceAccountKeyFile: env.PODBUS_API_SERVICE_ACCOUNT_KEY,
    maxInFlight: env.PODBUS_API_MAX_IN_FLIGHT,
    terminatedPodThreshold: env.PODBUS_API_TERMINATED_POD_GC_THRESHOLD,
    serviceRanges: { addresses: env.PODBUS_SERVICE_CLUSTER_IP_RANGE, nodePorts: env.PODBUS_SERVICE_NODE_PORT_RANGE },
    serviceAccountIssuer: env.PODBUS_API_SERVICE_ACCOUNT_ISSUER,
  }));

export type ApiGatewayConfig = z.output<typeof apiGatewayConfig>;
