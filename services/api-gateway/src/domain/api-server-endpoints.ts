import type { EndpointSlice, Endpoints } from "@podbus/kube";
import { addressNumber } from "./service-claims.ts";

/** Where one replica of the API server is reached. */
export interface ApiServerAddress {
  readonly ip: string;
  readonly port: number;
}

export interface ListeningPlace {
  /** What the replica listens on. */
  readonly host: string;
  readonly port: number;
  /** What it was told that others use; "" as the host is this machine. */
  readonly advertised?: { readonly host: string; readonly port: number } | undefined;
}

/** Undefined where others cannot reach it, or not by an IPv4 address: Endpoints hold neither loopback addresses nor names. */
export function reachableAddress(
  { host, port, advertised }: ListeningPlace,
  machineIp: string | undefined,
): ApiServerAddress | undefined {
  const told = advertised ?? { host, port };
  const isAny = told.host === "" || told.host === "0.0.0.0" || told.host === "::";
  const ip = isAny ? machineIp : told.host;
  return ip !== undefined && addressNumber(ip) !== undefined && !ip.startsWith("127.")
    ? { ip, port: told.port }
    : undefined;
}

type Ports = readonly { readonly name: string; readonly port: number; readonly protocol: string }[];

/** As kube-apiserver says it, which has one port for all replicas: of several the lowest. Mirrors pkg/controlplane/reconcilers/lease.go. */
export function endpointsOf(replicas: readonly ApiServerAddress[]): {
  readonly subsets: NonNullable<Endpoints["subsets"]>;
  readonly slice: Pick<EndpointSlice, "endpoints" | "ports">;
} {
  const port = Math.min(...replicas.map((each) => each.port));
  const ips = [...new Set(replicas.filter((each) => each.port === port).map(({ ip }) => ip))].sort();
  if (ips.length === 0) return { subsets: [], slice: { endpoints: [], ports: [] } };
  const ports: Ports = [{ name: "https", port, protocol: "TCP" }];
  return {
    subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [...ports] }],
    slice: { endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })), ports: [...ports] },
  };
}
