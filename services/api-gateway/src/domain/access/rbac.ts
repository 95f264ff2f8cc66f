import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "@podbus/kube";
import type { User } from "../user.ts";

export interface RbacObjects {
  readonly roles: readonly Role[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly roleBindings: readonly RoleBinding[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
}

/** Rules that somebody has by one binding. */
export interface Grant {
  /** "" for everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  /** For the audit log. */
  readonly source: string;
}

/** Who has which rules, by subject, so that a request looks at its own user's bindings only. */
export class RbacIndex {
  readonly #grants = new Map<string, Grant[]>();

  constructor(objects: RbacObjects) {
    const clusterRules = new Map(objects.clusterRoles.map(({ metadata, rules }) => [metadata.name, rules ?? []]));
    const rules = new Map(objects.roles.map(({ metadata, rules: own }) => [keyOf(metadata), own ?? []]));
    for (const { metadata, roleRef, subjects } of objects.clusterRoleBindings) {
      const source = `ClusterRoleBinding "${metadata.name}" of ClusterRole "${roleRef.name}"`;
      this.#add(subjects, "", { namespace: "", rules: clusterRules.get(roleRef.name) ?? [], source });
    }
    for (const { metadata, roleRef, subjects } of objects.roleBindings) {
      const { namespace = "" } = metadata;
      const granted =
        roleRef.kind === "Role" ? rules.get(keyOf({ namespace, name: roleRef.name })) : clusterRules.get(roleRef.name);
      const source = `RoleBinding "${metadata.name}/${namespace}" of ${roleRef.kind} "${roleRef.name}"`;
      this.#add(subjects, namespace, { namespace, rules: granted ?? [], source });
    }
  }

  /** What a user has everywhere, and in this namespace. */
  grantsOf({ name, groups }: User, namespace: string): Grant[] {
    const subjects = [`User ${name}`, ...groups.map((group) => `Group ${group}`)];
    return subjects
      .flatMap((subject) => this.#grants.get(subject) ?? [])
      .filter((grant) => grant.namespace === "" || grant.namespace === namespace);
  }

  #add(subjects: readonly Subject[] | undefined, namespace: string, grant: Grant): void {
    if (grant.rules.length === 0) return;
    for (const subject of subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const grants = this.#grants.get(key);
      if (grants) grants.push(grant);
      else this.#grants.set(key, [grant]);
    }
  }
}

const keyOf = ({ namespace = "", name }: { readonly namespace?: string | undefined; readonly name: string }) =>
  `${namespace}/${name}`;

/** A service account is a user of that name; in a RoleBinding its namespace may be left out. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== "ServiceAccount") return `${kind} ${name}`;
  return `User ${serviceAccountUser(namespace || bindingNamespace, name)}`;
}

export const serviceAccountUser = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;
