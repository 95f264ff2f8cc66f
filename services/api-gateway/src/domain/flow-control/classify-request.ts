import type { RequestInfo } from "../request-info.ts";
import { accountOf, type User } from "../user.ts";

/** Kubernetes' priority levels; "exempt" waits for nobody. */
export type PriorityLevel = "node-high" | "system" | "workload-high" | "workload-low" | "global-default";

export interface Flow {
  readonly level: PriorityLevel | "exempt";
  /** Requests of one level share its seats fairly between its flows. */
  readonly flow: string;
}

/** Of 245, as apiserver/pkg/apis/flowcontrol/bootstrap/default.go shares them out; who is nobody gets no further than 401. */
const shares: Readonly<Record<PriorityLevel, number>> = {
  "node-high": 40,
  system: 30,
  "workload-high": 40,
  "workload-low": 100,
  "global-default": 20,
};
const allShares = 245;

export const priorityLevels = Object.keys(shares) as PriorityLevel[];

/** How many requests of a level may be worked on at once, of all that may. */
export function seatsOf(level: PriorityLevel, total: number): number {
  return Math.max(1, Math.ceil((total * shares[level]) / allShares));
}

/** In the order of the flow schemas that every cluster has. */
export function classifyRequest(info: RequestInfo, user: User): Flow {
  return { level: levelOf(info, user), flow: user.name };
}

function levelOf(info: RequestInfo, { name, groups }: User): Flow["level"] {
  if (groups.includes("system:masters") || info.kind === "other") return "exempt";
  if (groups.includes("system:nodes")) return isOfNode(info) ? "node-high" : "system";
  const account = accountOf(name);
  if (account) return account.namespace === "kube-system" ? "workload-high" : "workload-low";
  if (name === "system:kube-controller-manager" || name === "system:kube-scheduler") return "workload-high";
  return "global-default";
}

/** A node that cannot say that it lives would lose its pods. */
function isOfNode(info: RequestInfo & { readonly kind: "resource" }): boolean {
  return info.resource === "nodes" || (info.resource === "leases" && info.namespace === "kube-node-lease");
}

const objectsPerSeat = 100;
const mostSeats = 10;

/** A list takes as many seats as it is long; anything else one (apiserver/pkg/util/flowcontrol/request/list_work_estimator.go). */
export function seatsForList(objects: number, limit: number): number {
  const read = limit > 0 ? Math.min(limit, objects) : objects;
  return Math.min(mostSeats, Math.max(1, Math.ceil(read / objectsPerSeat)));
}
