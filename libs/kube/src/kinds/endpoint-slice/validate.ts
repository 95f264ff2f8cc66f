import { checkChoice, checkFormat } from "../../validation/check-text.ts";
import { duplicate, type FieldError, invalid, required, tooMany } from "../../validation/field-error.ts";
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  ipProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from "../../validation/formats.ts";
import { familyOf, type IpFamily, validateReachableIp } from "../../validation/ip-addresses.ts";
import { immutable, validateLabels } from "../../validation/object-meta.ts";
import { portProtocols } from "../endpoints/validate.ts";
import type { Endpoint, EndpointSlice, EndpointSlicePort } from "./schema.ts";

// pkg/apis/discovery/validation/validation.go

const addressTypes = ["FQDN", "IPv4", "IPv6"];
/** "IP" is of the beta: stored slices may still have it. */
const storedAddressTypes = ["FQDN", "IP", "IPv4", "IPv6"];
const mostTopologyLabels = 16;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostEndpoints = 1000;
const mostZoneHints = 8;

function limit(field: string, count: number, most: number): FieldError[] {
  return count > most ? [tooMany(field, count, most)] : [];
}

function validateDomain(address: string, field: string): FieldError[] {
  if (address === "") return [required(field)];
  const name = address.endsWith(".") ? address.slice(0, -1) : address;
  const problems = dnsSubdomainProblems(name);
  if (problems.length > 0) return [invalid(field, name, problems.join(","))];
  const labels = name.split(".");
  if (labels.length < 2)
    return [invalid(field, name, "should be a domain with at least two segments separated by dots")];
  return labels
    .map((label) => [label, dnsLabelProblems(label)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([label, found]) => invalid(field, label, found.join(",")));
}

function validateIp(address: string, family: IpFamily, field: string): FieldError[] {
  const wrong = familyOf(address) === family ? [] : [invalid(field, address, `must be a valid ${family} address`)];
  return [...wrong, ...validateReachableIp(address, field)];
}

function validateAddress(address: string, type: string, field: string): FieldError[] {
  if (type === "FQDN") return validateDomain(address, field);
  if (type === "IPv4" || type === "IPv6") return validateIp(address, type, field);
  // An unknown type is told of once; its addresses may be anything.
  return type === "IP" ? checkFormat(field, address, ipProblems) : [];
}

function validateHints({ hints }: Endpoint, field: string): FieldError[] {
  const zones = (hints?.forZones ?? []).map(({ name }) => name);
  if (zones.length > mostZoneHints) return [tooMany(field, zones.length, mostZoneHints)];
  return zones.flatMap((name, index) => [
    ...(zones.indexOf(name) < index ? [duplicate(`${field}[${index}].name`, name)] : []),
    ...checkFormat(`${field}[${index}].name`, name, labelValueProblems),
  ]);
}

function validateEndpoint(endpoint: Endpoint, type: string, field: string): FieldError[] {
  const { addresses, nodeName, hostname, deprecatedTopology = {} } = endpoint;
  const topology = `${field}.deprecatedTopology`;
  return [
    ...(addresses.length === 0
      ? [required(`${field}.addresses`, "must contain at least 1 address")]
      : limit(`${field}.addresses`, addresses.length, mostAddresses)),
    ...addresses.flatMap((address, index) => validateAddress(address, type, `${field}.addresses[${index}]`)),
    ...checkFormat(`${field}.nodeName`, nodeName, dnsSubdomainProblems),
    ...limit(topology, Object.keys(deprecatedTopology).length, mostTopologyLabels),
    ...validateLabels(deprecatedTopology, topology),
    ...checkFormat(`${field}.hostname`, hostname, dnsLabelProblems),
    ...validateHints(endpoint, `${field}.hints.forZones`),
  ];
}

function validatePort({ name, protocol, appProtocol }: EndpointSlicePort, field: string): FieldError[] {
  return [
    ...(name === "" ? [] : checkFormat(`${field}.name`, name, dnsLabelProblems)),
    ...checkChoice(`${field}.protocol`, protocol, portProtocols),
    ...checkFormat(`${field}.appProtocol`, appProtocol, qualifiedNameProblems),
  ];
}

function validatePorts(ports: readonly EndpointSlicePort[]): FieldError[] {
  if (ports.length > mostPorts) return [tooMany("ports", ports.length, mostPorts)];
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const { name = "" } = port;
    const again = names.has(name);
    names.add(name);
    const field = `ports[${index}]`;
    return [...validatePort(port, field), ...(again ? [duplicate(`${field}.name`, name)] : [])];
  });
}

function validateSlice(slice: EndpointSlice, types: readonly string[]): FieldError[] {
  const { addressType, endpoints, ports = [] } = slice;
  const judged = endpoints.length > mostEndpoints ? [] : endpoints;
  return [
    ...checkChoice("addressType", addressType, types),
    ...limit("endpoints", endpoints.length, mostEndpoints),
    ...judged.flatMap((endpoint, index) => validateEndpoint(endpoint, addressType, `endpoints[${index}]`)),
    ...validatePorts(ports),
  ];
}

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return validateSlice(slice, addressTypes);
}

export function validateEndpointSliceUpdate(next: EndpointSlice, previous: EndpointSlice): FieldError[] {
  return [
    ...validateSlice(next, storedAddressTypes),
    ...immutable("addressType", next.addressType, previous.addressType),
  ];
}
