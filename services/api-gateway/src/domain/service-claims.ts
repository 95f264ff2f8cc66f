import {
  type FieldError,
  fieldInvalid as invalid,
  isHeadless,
  needsClusterIp,
  type Service,
  type ServicePort,
} from "@podbus/kube";

/** Where addresses and ports of Services are taken from. */
export interface ServiceRanges {
  readonly addresses: AddressRange;
  readonly nodePorts: PortRange;
}

export interface AddressRange {
  /** As it was given: "10.96.0.0/16". */
  readonly cidr: string;
  /** As whole numbers; both can be given out. */
  readonly first: number;
  readonly last: number;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What only one Service may have: "ip.10.96.0.7", "port.30001". */
export type Claim = string;

export const addressClaim = (address: string): Claim => `ip.${address}`;
export const portClaim = (port: number): Claim => `port.${port}`;

/** All that this Service has. */
export function claimsOf({ spec }: Service): ReadonlySet<Claim> {
  const addresses = needsClusterIp(spec) && !isHeadless(spec) ? (spec.clusterIPs ?? []) : [];
  const ports = [...(spec.ports ?? []).map(({ nodePort }) => nodePort), spec.healthCheckNodePort];
  return new Set([
    ...addresses.filter((address) => address.includes(".")).map(addressClaim),
    ...ports.flatMap((port) => (port ? [portClaim(port)] : [])),
  ]);
}

export function parseAddressRange(cidr: string): AddressRange | undefined {
  const [address = "", bits = ""] = cidr.split("/");
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 30 || Number(bits) < 8) return undefined;
  const number = addressNumber(address);
  if (number === undefined) return undefined;
  const size = 2 ** (32 - Number(bits));
  const base = Math.floor(number / size) * size;
  return { cidr, first: base + 1, last: base + size - 2 };
}

export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** Of an IPv4 address; undefined for anything else. */
export function addressNumber(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || !parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export const firstAddress = ({ first }: AddressRange): string => addressText(first);

/** What is wrong with an address that a user asks for. pkg/registry/core/service/ipallocator. */
export function addressProblem(service: Service, address: string, { cidr, first, last }: AddressRange): FieldError[] {
  const number = addressNumber(address);
  if (number !== undefined && number >= first && number <= last) return [];
  const problem = `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${cidr}`;
  return [addressError(service, address, problem)];
}

export const addressTaken = (service: Service, address: string): FieldError =>
  addressError(service, address, "provided IP is already allocated");

function addressError({ spec }: Service, address: string, problem: string): FieldError {
  return invalid("spec.clusterIPs", spec.clusterIPs ?? [], `failed to allocate IP ${address}: ${problem}`);
}

/** pkg/registry/core/service/portallocator */
export function portProblem(service: Service, port: number, { first, last }: PortRange): FieldError[] {
  if (port >= first && port <= last) return [];
  const problem = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  return [invalid(portField(service, port), port, problem)];
}

export const portTaken = (service: Service, port: number): FieldError =>
  invalid(portField(service, port), port, "provided port is already allocated");

function portField({ spec }: Service, port: number): string {
  const index = (spec.ports ?? []).findIndex(({ nodePort }) => nodePort === port);
  return index < 0 ? "spec.healthCheckNodePort" : `spec.ports[${index}].nodePort`;
}

/** Ports of one number share a node's port: their protocols differ. storage/alloc.go initNodePorts. */
export function sharedNodePort(ports: readonly ServicePort[], { port }: ServicePort): number | undefined {
  return ports.find((other) => other.port === port && other.nodePort)?.nodePort;
}

/**
 * Numbers to try, at random: first those above the part that is kept for users who choose themselves, then the others.
 * KEP-3070 (addresses: a sixteenth, from 16 to 256) and KEP-3668 (ports: a thirty-second, from 16 to 128).
 */
export function* candidates(
  { first, last }: PortRange,
  kept: { readonly part: number; readonly most: number },
  random: () => number,
): Generator<number> {
  const size = last - first + 1;
  const reserved = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / kept.part)), kept.most);
  yield* around(first + reserved, last, random);
  yield* around(first, first + reserved - 1, random);
}

export const keptAddresses = { part: 16, most: 256 } as const;
export const keptPorts = { part: 32, most: 128 } as const;

function* around(first: number, last: number, random: () => number): Generator<number> {
  const size = last - first + 1;
  const start = Math.floor(random() * size);
  for (let step = 0; step < size; step += 1) yield first + ((start + step) % size);
}
