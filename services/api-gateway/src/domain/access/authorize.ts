import type { User } from "../user.ts";
import type { AccessAttributes } from "./attributes.ts";
import { type NodeObjects, nodeMay } from "./node-access.ts";
import { ruleAllows } from "./policy-rules.ts";
import type { RbacIndex } from "./rbac.ts";

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
  const node = nodeMay(user, wanted, nodes);
  if (node) return node;
  const namespace = wanted.kind === "resource" ? wanted.namespace : "";
  const grant = rbac.grantsOf(user, namespace).find(({ rules }) => rules.some((rule) => ruleAllows(rule, wanted)));
  return grant ? { allowed: true, reason: `RBAC: allowed by ${grant.source}` } : { allowed: false, reason: "" };
}
