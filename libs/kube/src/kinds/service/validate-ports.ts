import { checkChoice, checkFormat } from "../../validation/check-text.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "../../validation/field-error.ts";
import {
  dnsLabelProblems,
  portNameProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from "../../validation/formats.ts";
import { portProtocols } from "../endpoints/validate.ts";
import type { ServicePort, ServiceSpec } from "./schema.ts";

// pkg/apis/core/validation/validation.go validateServicePort and what ValidateService asks of all ports together

function checkNumber(field: string, value: number): FieldError[] {
  return portNumberProblems(value).map((problem) => invalid(field, value, problem));
}

/** `seen`: the names of the ports before this one. */
function validateName(name: string | undefined, field: string, seen: Set<string>): FieldError[] {
  if (name === undefined) return [];
  const again = seen.has(name);
  seen.add(name);
  return [...checkFormat(field, name, dnsLabelProblems), ...(again ? [duplicate(field, name)] : [])];
}

export function validatePorts({ ports = [] }: ServiceSpec): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ name, port, protocol, targetPort = 0, appProtocol }, index) => {
    const field = `spec.ports[${index}]`;
    return [
      ...(name === undefined && ports.length > 1 ? [required(`${field}.name`)] : []),
      ...validateName(name, `${field}.name`, seen),
      ...checkNumber(`${field}.port`, port),
      ...checkChoice(`${field}.protocol`, protocol, portProtocols),
      ...(typeof targetPort === "string"
        ? checkFormat(`${field}.targetPort`, targetPort, portNameProblems)
        : checkNumber(`${field}.targetPort`, targetPort)),
      ...checkFormat(`${field}.appProtocol`, appProtocol, qualifiedNameProblems),
    ];
  });
}

interface NodePort {
  readonly field: string;
  readonly number: number;
  readonly again: boolean;
}

function nodePortsOf(ports: readonly ServicePort[]): NodePort[] {
  const seen = new Set<string>();
  return ports.flatMap(({ nodePort = 0, protocol }, index) => {
    if (nodePort === 0) return [];
    const key = `${protocol} ${nodePort}`;
    const again = seen.has(key);
    seen.add(key);
    return [{ field: `spec.ports[${index}].nodePort`, number: nodePort, again }];
  });
}

export function validateNodePorts({ type, ports = [] }: ServiceSpec): FieldError[] {
  const given = nodePortsOf(ports);
  const twice = given.filter(({ again }) => again).map(({ field, number }) => duplicate(field, number));
  if (type === "ClusterIP") {
    const needless = "may not be used when `type` is 'ClusterIP'";
    return [...given.map(({ field }) => forbidden(field, needless)), ...twice];
  }
  // Whether they lie in the range is seen where ports are given out.
  return twice;
}

export function validateUniquePorts({ ports = [] }: ServiceSpec): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ port, protocol }, index) => {
    const key = `${protocol} ${port}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [duplicate(`spec.ports[${index}]`, { protocol, port })] : [];
  });
}
