import {
  type ClusterRole,
  type KubeObject,
  type PolicyRule,
  type Role,
  type RoleBinding,
  rbacGroup,
  statusForbidden,
} from "@podbus/kube";
import { printRule, uncovered } from "../domain/access/policy-rules.ts";
import type { User } from "../domain/user.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";

/**
 * Nobody gives what he does not have: rules of a role, or of the role that a binding names, must be held by who writes
 * them, unless he may "escalate" or "bind" (pkg/registry/rbac/{role,rolebinding}/policybased/storage.go).
 */
export function checkGrants(ports: GatewayPorts, call: ResourceCall, object: KubeObject): void {
  if (call.resource.group !== rbacGroup) return;
  const { user } = call;
  if (!user) return;
  const binding = call.resource.plural.endsWith("bindings");
  const target = binding ? (object as RoleBinding).roleRef : undefined;
  const verb = binding ? "bind" : "escalate";
  const resource = target ? (target.kind === "Role" ? "roles" : "clusterroles") : call.resource.plural;
  const name = target?.name ?? object.metadata.name;
  const namespace = call.info.namespace;
  const wanted = { kind: "resource" as const, verb, group: rbacGroup, resource, subresource: "", namespace, name };
  if (ports.access.decide(user, wanted).allowed) return;
  const rules = target ? rulesOf(ports, target, namespace) : (object as Role | ClusterRole).rules;
  const held = ports.access.grantsOf(user, namespace).flatMap((grant) => grant.rules);
  const missing = uncovered(held, rules ?? []);
  if (missing.length > 0) throw statusForbidden(call.resource, object.metadata.name, escalationMessage(user, missing));
}

function rulesOf({ store }: GatewayPorts, { kind, name }: RoleBinding["roleRef"], namespace: string) {
  const key =
    kind === "Role"
      ? { resource: `roles.${rbacGroup}`, namespace, name }
      : { resource: `clusterroles.${rbacGroup}`, namespace: "", name };
  return store.cache.get<Role | ClusterRole>(key)?.value.rules;
}

function escalationMessage({ name, groups }: User, missing: readonly PolicyRule[]): string {
  const list = groups.map((group) => JSON.stringify(group)).join(" ");
  return (
    `user ${JSON.stringify(name)} (groups=[${list}]) is attempting to grant RBAC permissions not currently held:\n` +
    missing.map(printRule).join("\n")
  );
}
