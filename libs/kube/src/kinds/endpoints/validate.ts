import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
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
    ...ipProblems(ip).map((problem) => invalid(`${field}.ip`, ip, problem)),
    ...(hostname === undefined ? [] : dnsLabelProblems(hostname)).map((problem) =>
      invalid(`${field}.hostname`, hostname, problem),
    ),
    ...(nodeName === undefined ? [] : dnsSubdomainProblems(nodeName)).map((problem) =>
      invalid(`${field}.nodeName`, nodeName, problem),
    ),
    ...validateReachableIp(ip, `${field}.ip`),
  ];
}

function validatePort(port: EndpointPort, needsName: boolean, field: string): FieldError[] {
  const { name = "", port: number, protocol = "", appProtocol } = port;
  const errors: FieldError[] = [];
  if (needsName && name === "") errors.push(required(`${field}.name`));
  else if (name !== "")
    errors.push(...dnsLabelProblems(name).map((problem) => invalid(`${field}.name`, name, problem)));
  errors.push(...portNumberProblems(number).map((problem) => invalid(`${field}.port`, number, problem)));
  if (protocol === "") errors.push(required(`${field}.protocol`));
  else if (!portProtocols.includes(protocol)) errors.push(notSupported(`${field}.protocol`, protocol, portProtocols));
  if (appProtocol !== undefined) {
    const problems = qualifiedNameProblems(appProtocol);
    errors.push(...problems.map((problem) => invalid(`${field}.appProtocol`, appProtocol, problem)));
  }
  return errors;
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
