import type { TableColumn } from "../../resource-definition.ts";
import { ageColumn, nameColumn, orNone } from "../../table/columns.ts";
import type { Service, ServicePort } from "./schema.ts";

// pkg/printers/internalversion/printers.go printService

function loadBalancerAddresses({ status }: Service): string[] {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  return [...new Set(addresses.filter((address) => address !== ""))].sort();
}

function externalIp(service: Service): string {
  const { type, externalIPs = [], externalName = "" } = service.spec;
  switch (type) {
    case "ClusterIP":
    case "NodePort":
      return orNone(externalIPs.join(","));
    case "LoadBalancer":
      return [...loadBalancerAddresses(service), ...externalIPs].join(",") || "<pending>";
    case "ExternalName":
      return externalName;
    default:
      return "<unknown>";
  }
}

function printPort({ port, nodePort = 0, protocol = "" }: ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

/** staging/src/k8s.io/apimachinery/pkg/labels FormatLabels */
function printLabels(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(","));
}

export const serviceColumns: readonly TableColumn<Service>[] = [
  nameColumn,
  { name: "Type", type: "string", description: "How it is reached.", cell: ({ spec }) => spec.type ?? "" },
  {
    name: "Cluster-IP",
    type: "string",
    description: "Its address inside the cluster.",
    cell: ({ spec }) => orNone(spec.clusterIPs?.[0]),
  },
  { name: "External-IP", type: "string", description: "Its address for the outside.", cell: externalIp },
  {
    name: "Port(s)",
    type: "string",
    description: "Its ports, with those of the nodes.",
    cell: ({ spec }) => orNone((spec.ports ?? []).map(printPort).join(",")),
  },
  ageColumn,
  {
    name: "Selector",
    type: "string",
    priority: 1,
    description: "The labels of the pods that answer.",
    cell: ({ spec }) => printLabels(spec.selector),
  },
];
