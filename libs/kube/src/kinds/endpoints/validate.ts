import { checkChoice, checkFormat } from "../../validation/check-text.ts";
import { type FieldError, invalid, required } from "../../validation/field-error.ts";
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  ipProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from "../../validation/formats.ts";
import { validateReachableIp } from "../../validation/ip-addresses.ts";
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateEndpoints

export const portProtocols = ["SCTP", "TCP", "UDP"];

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, field: string): FieldError[] {
  return [
    ...checkFormat(`${field}.ip`, ip, ipProblems),
    ...checkFormat(`${field}.hostname`, hostname, dnsLabelProblems),
    ...checkFormat(`${field}.nodeName`, nodeName, dnsSubdomainProblems),
    ...validateReachableIp(ip, `${field}.ip`),
  ];
}

function validatePort(port: EndpointPort, needsName: boolean, field: string): FieldError[] {
  return [
    ...(needsName && port.name === undefined ? [required(`${field}.name`)] : []),
    ...checkFormat(`${field}.name`, port.name, dnsLabelProblems),
    ...portNumberProblems(port.port).map((problem) => invalid(`${field}.port`, port.port, problem)),
    ...checkChoice(`${field}.protocol`, port.protocol, portProtocols),
    ...checkFormat(`${field}.appProtocol`, port.appProtocol, qualifiedNameProblems),
  ];
}

function validateSubset(subset: EndpointSubset, field: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const nobody = addresses.length === 0 && notReadyAddresses.length === 0;
  return [
    ...(nobody ? [required(field, "must specify `addresses` or `notReadyAddresses`")] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, `${field}.addresses[${index}]`)),
    ...notReadyAddresses.flatMap((address, index) => validateAddress(address, `${field}.notReadyAddresses[${index}]`)),
    ...ports.flatMap((port, index) => validatePort(port, ports.length > 1, `${field}.ports[${index}]`)),
  ];
}

export function validateEndpoints({ subsets = [] }: Endpoints): FieldError[] {
  return subsets.flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`));
}
