import type { TableColumn } from "../../resource-definition.ts";
import { ageColumn, nameColumn, orNone } from "../../table/columns.ts";
import { podCondition } from "./conditions.ts";
import { printPod } from "./print-status.ts";
import type { Pod } from "./schema.ts";

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const passed = gates.filter(({ conditionType }) => podCondition(pod, conditionType)?.status === "True");
  return `${passed.length}/${gates.length}`;
}

export const podColumns: readonly TableColumn<Pod>[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    description: "How many of the pod's containers are ready.",
    cell: (pod, now) => printPod(pod, now).ready,
  },
  {
    name: "Status",
    type: "string",
    description: "What the pod does, or what holds it up.",
    cell: (pod, now) => printPod(pod, now).status,
  },
  {
    name: "Restarts",
    type: "string",
    description: "How often its containers were started again, and when last.",
    cell: (pod, now) => printPod(pod, now).restarts,
  },
  ageColumn,
  {
    name: "IP",
    type: "string",
    priority: 1,
    description: "The pod's address.",
    cell: (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP),
  },
  {
    name: "Node",
    type: "string",
    priority: 1,
    description: "The node that runs it.",
    cell: (pod) => orNone(pod.spec.nodeName),
  },
  {
    name: "Nominated Node",
    type: "string",
    priority: 1,
    description: "The node that is being cleared for it.",
    cell: (pod) => orNone(pod.status?.nominatedNodeName),
  },
  {
    name: "Readiness Gates",
    type: "string",
    priority: 1,
    description: "How many of the additional conditions for readiness hold.",
    cell: readinessGates,
  },
];
