import { labels } from "../../constants.ts";
import type { TableColumn } from "../../resource-definition.ts";
import { ageColumn, nameColumn, orNone } from "../../table/columns.ts";
import type { Node } from "./schema.ts";

// pkg/printers/internalversion/printers.go printNode

function statusOf(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable === true ? `${state},SchedulingDisabled` : state;
}

export function nodeRoles(node: Node): string[] {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(labels.nodeRolePrefix)) return [key.slice(labels.nodeRolePrefix.length)];
    return key === labels.nodeRole ? [value] : [];
  });
  return [...new Set(roles.filter((role) => role !== ""))].sort();
}

function addressOf(node: Node, type: string): string {
  return orNone(node.status?.addresses?.find((address) => address.type === type)?.address);
}

function orUnknown(value: string | undefined): string {
  return value === undefined || value === "" ? "<unknown>" : value;
}

export const nodeColumns: readonly TableColumn<Node>[] = [
  nameColumn,
  { name: "Status", type: "string", description: "Whether the node takes and runs pods.", cell: statusOf },
  {
    name: "Roles",
    type: "string",
    description: "The node's roles, from its labels.",
    cell: (node) => orNone(nodeRoles(node).join(",")),
  },
  ageColumn,
  {
    name: "Version",
    type: "string",
    description: "The version of the software that runs the node.",
    cell: (node) => node.status?.nodeInfo?.kubeletVersion ?? "",
  },
  {
    name: "Internal-IP",
    type: "string",
    priority: 1,
    description: "The node's address inside the cluster.",
    cell: (node) => addressOf(node, "InternalIP"),
  },
  {
    name: "External-IP",
    type: "string",
    priority: 1,
    description: "The node's address for the outside.",
    cell: (node) => addressOf(node, "ExternalIP"),
  },
  {
    name: "OS-Image",
    type: "string",
    priority: 1,
    description: "The node's operating system.",
    cell: (node) => orUnknown(node.status?.nodeInfo?.osImage),
  },
  {
    name: "Kernel-Version",
    type: "string",
    priority: 1,
    description: "The node's kernel.",
    cell: (node) => orUnknown(node.status?.nodeInfo?.kernelVersion),
  },
  {
    name: "Container-Runtime",
    type: "string",
    priority: 1,
    description: "What runs the node's containers.",
    cell: (node) => orUnknown(node.status?.nodeInfo?.containerRuntimeVersion),
  },
];
