import type { User } from "../user.ts";
import type { AccessAttributes } from "./attributes.ts";
import { decideNodeAccess, type NodeObjects } from "./node-access.ts";
import { ruleAllows } from "./policy-rules.ts";
import type { Grant, RbacIndex } from "./rbac.ts";

export interface AccessDecision {
  readonly allowed: boolean;
  /** Empty when nobody has said anything. */
  readonly reason: string;
}

export interface Policies {
  readonly rbac: RbacIndex;
  readonly nodes: NodeObjects;
}

const masters = "system:masters";

/** Anyone of those who may say yes is enough: system:masters, a node for what is its own, RBAC. */
export function decideAccess(user: User, wanted: AccessAttributes, { rbac, nodes }: Policies): AccessDecision {
  if (user.groups.includes(masters)) return { allowed: true, reason: "" };
  const byNode = decideNodeAccess(user, wanted, nodes);
  if (byNode?.allowed) return byNode;
  const grants = rbac.grantsOf(user, wanted.kind === "resource" ? wanted.namespace : "");
  const grant = grants.find(({ rules }) => rules.some((rule) => ruleAllows(rule, wanted)));
  if (grant) return { allowed: true, reason: `RBAC: allowed by ${grant.source}` };
  const reasons = [byNode?.reason ?? "", reasonOf(grants)].filter((reason) => reason !== "");
  return { allowed: false, reason: reasons.join("\n") };
}

/** Bindings to roles that are not there are told of: they may be why. */
function reasonOf(grants: readonly Grant[]): string {
  const problems = [...new Set(grants.flatMap(({ problem }) => problem ?? []))];
  if (problems.length === 0) return "";
  return problems.length === 1 ? `RBAC: ${problems[0]}` : `RBAC: [${problems.join(", ")}]`;
}
