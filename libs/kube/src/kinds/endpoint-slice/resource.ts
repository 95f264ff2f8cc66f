import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn, someOf } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type EndpointSlice, endpointSliceSchema } from "./schema.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validate.ts";

/** pkg/apis/discovery/v1/defaults.go SetDefaults_EndpointPort */
function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  if (slice.ports === undefined) return slice;
  const ports = slice.ports.map((port) => ({ ...port, name: port.name ?? "", protocol: port.protocol ?? "TCP" }));
  return { ...slice, ports };
}

/** pkg/printers/internalversion/printers.go formatDiscoveryPorts, formatDiscoveryEndpoints */
function orUnset(text: string): string {
  return text === "" ? "<unset>" : text;
}

export const endpointSlices = defineResource<EndpointSlice>({
  group: "discovery.k8s.io",
  kind: "EndpointSlice",
  plural: "endpointslices",
  namespaced: true,
  schema: endpointSliceSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: "with labels",
  defaults: defaultEndpointSlice,
  validate: validateEndpointSlice,
  validatesWholeUpdate: true,
  validateUpdate: validateEndpointSliceUpdate,
  columns: [
    nameColumn,
    {
      name: "AddressType",
      type: "string",
      description: "What its addresses are.",
      cell: ({ addressType }) => addressType,
    },
    {
      name: "Ports",
      type: "string",
      description: "The ports of all its endpoints.",
      cell: ({ ports = [] }) => orUnset(someOf(ports.map(({ port, name }) => port ?? name ?? "*"))),
    },
    {
      name: "Endpoints",
      type: "string",
      description: "The addresses of its endpoints.",
      cell: ({ endpoints }) => orUnset(someOf(endpoints.flatMap(({ addresses }) => addresses))),
    },
    ageColumn,
  ],
});
