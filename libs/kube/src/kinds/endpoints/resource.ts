import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn, someOf } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type EndpointSubset, type Endpoints, endpointsSchema } from "./schema.ts";
import { validateEndpoints } from "./validate.ts";

/** pkg/apis/core/v1/defaults.go SetDefaults_Endpoints */
function defaultEndpoints(endpoints: Endpoints): Endpoints {
  if (endpoints.subsets === undefined) return endpoints;
  const withProtocols = (subset: EndpointSubset): EndpointSubset =>
    subset.ports === undefined
      ? subset
      : { ...subset, ports: subset.ports.map((port) => ({ ...port, protocol: port.protocol ?? "TCP" })) };
  return { ...endpoints, subsets: endpoints.subsets.map(withProtocols) };
}

function hostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** pkg/printers/internalversion/printers.go formatEndpoints: those that are ready. */
function printEndpoints({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  );
  return someOf(all);
}

export const endpointsResource = defineResource<Endpoints>({
  kind: "Endpoints",
  plural: "endpoints",
  shortNames: ["ep"],
  namespaced: true,
  schema: endpointsSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: defaultEndpoints,
  validate: validateEndpoints,
  columns: [
    nameColumn,
    { name: "Endpoints", type: "string", description: "Where the service is answered.", cell: printEndpoints },
    ageColumn,
  ],
});
