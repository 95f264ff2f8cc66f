import {
  type ClusterRole,
  equalJson,
  type KubeObject,
  type PolicyRule,
  type Role,
  type RoleBinding,
  rbacGroup,
  statusForbidden,
  statusNotFound,
} from "@podbus/kube";
import { printList, printRules, uncovered } from "../domain/access/policy-rules.ts";
import type { User } from "../domain/user.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";

type GrantPorts = Pick<GatewayPorts, "access">;

interface Writing extends ResourceCall {
  readonly user: User;
}

/**
 * Nobody gives what he does not have: rules of a role, or of the role that a binding names, must be held by who writes
 * them, unless he may "escalate" or "bind" (pkg/registry/rbac/{role,clusterrole,rolebinding}/policybased/storage.go).
 */
export function checkGrants(ports: GrantPorts, call: ResourceCall, object: KubeObject, previous?: KubeObject): void {
  const { resource, user } = call;
  if (resource.group !== rbacGroup || !user) return;
  if (previous && changesOnlyOwnership(object, previous)) return;
  const writing = { ...call, user };
  if (resource.plural.endsWith("bindings")) checkBinding(ports, writing, object as RoleBinding);
  else checkRole(ports, writing, object as ClusterRole, previous as ClusterRole | undefined);
}

/** What a garbage collector may change of anything (pkg/registry/rbac/helpers.go IsOnlyMutatingGCFields). */
function changesOnlyOwnership(object: KubeObject, previous: KubeObject): boolean {
  const without = ({ metadata, ...rest }: KubeObject) => {
    const { ownerReferences: _, finalizers: __, managedFields: ___, ...others } = metadata;
    return { ...rest, metadata: others };
  };
  return equalJson(without(object), without(previous));
}

/** An aggregated role may gather anything, so only who may do everything decides what it gathers. */
const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

function checkRole(ports: GrantPorts, call: Writing, role: Role | ClusterRole, previous?: Role | ClusterRole): void {
  const { resource, info } = call;
  // A role that is created has no name in the request yet, and so none that a rule could name.
  if (may(ports, call, { verb: "escalate", plural: resource.plural, name: info.name })) return;
  checkHeld(ports, call, { name: role.metadata.name, rules: role.rules });
  if (equalJson(aggregationOf(role), aggregationOf(previous))) return;
  if (missing(ports, call, everything).length === 0) return;
  const problem = "must have cluster-admin privileges to use the aggregationRule";
  throw statusForbidden(resource, role.metadata.name, problem);
}

function aggregationOf(role: Role | ClusterRole | undefined): unknown {
  return role && "aggregationRule" in role ? role.aggregationRule : undefined;
}

function checkBinding(ports: GrantPorts, call: Writing, { metadata, roleRef }: RoleBinding): void {
  const plural = roleRef.kind === "Role" ? "roles" : "clusterroles";
  if (may(ports, call, { verb: "bind", plural, name: roleRef.name })) return;
  const rules = ports.access.rulesOf(roleRef, call.info.namespace);
  if (!rules) throw statusNotFound({ group: rbacGroup, plural }, roleRef.name);
  checkHeld(ports, call, { name: metadata.name, rules });
}

interface Deed {
  readonly verb: "escalate" | "bind";
  readonly plural: string;
  readonly name: string;
}

function may({ access }: GrantPorts, { user, info }: Writing, { verb, plural, name }: Deed): boolean {
  const { namespace } = info;
  const target = { group: rbacGroup, resource: plural, subresource: "", namespace, name };
  return access.decide(user, { kind: "resource", verb, ...target }).allowed;
}

interface Given {
  readonly name: string;
  readonly rules: readonly PolicyRule[] | undefined;
}

function checkHeld(ports: GrantPorts, call: Writing, { name, rules = [] }: Given): void {
  const lacking = missing(ports, call, rules);
  if (lacking.length > 0) throw statusForbidden(call.resource, name, escalationMessage(call.user, lacking));
}

function missing({ access }: GrantPorts, { user, info }: Writing, rules: readonly PolicyRule[]): PolicyRule[] {
  const held = access.grantsOf(user, info.namespace).flatMap((grant) => grant.rules);
  return uncovered(held, rules);
}

/** pkg/registry/rbac/validation/rule.go ConfirmNoEscalation */
function escalationMessage({ name, groups }: User, lacking: readonly PolicyRule[]): string {
  const who = `user ${JSON.stringify(name)} (groups=${printList(groups)})`;
  return `${who} is attempting to grant RBAC permissions not currently held:\n${printRules(lacking)}`;
}
