import {
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  type Role,
  type RoleBinding,
  rbacGroup,
  type Subject,
} from "@podbus/kube";
import { accountUserName, type User } from "../user.ts";

export interface RbacObjects {
  readonly roles: readonly Role[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly roleBindings: readonly RoleBinding[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
}

/** Rules that somebody has by one binding. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  /** The binding, as Kubernetes tells who has allowed something (plugin/pkg/auth/authorizer/rbac/rbac.go). */
  readonly source: string;
  /** Why the binding gives nothing: its role is not there. */
  readonly problem?: string;
}

type Binding = RoleBinding | ClusterRoleBinding;

/** Who has which rules, by subject, so that a request looks at its own user's bindings only. */
export class RbacIndex {
  /** By "NAMESPACE/KIND NAME"; no namespace is everywhere. */
  readonly #grants = new Map<string, Grant[]>();
  readonly #rules = new Map<string, readonly PolicyRule[]>();

  constructor(objects: RbacObjects) {
    for (const { metadata, rules } of objects.clusterRoles)
      this.#rules.set(`ClusterRole /${metadata.name}`, rules ?? []);
    for (const { metadata, rules } of objects.roles) {
      this.#rules.set(`Role ${metadata.namespace}/${metadata.name}`, rules ?? []);
    }
    for (const binding of [...objects.clusterRoleBindings, ...objects.roleBindings]) this.#add(binding);
  }

  /** What a user has everywhere, and in this namespace. */
  grantsOf({ name, groups }: User, namespace: string): Grant[] {
    const subjects = [`User ${name}`, ...groups.map((group) => `Group ${group}`)];
    const places = namespace === "" ? [""] : ["", namespace];
    return places.flatMap((place) => subjects.flatMap((subject) => this.#grants.get(`${place}/${subject}`) ?? []));
  }

  /** The rules of the role that a binding in this namespace names; undefined where there is no such role. */
  rulesOf({ kind, name }: RoleBinding["roleRef"], namespace: string): readonly PolicyRule[] | undefined {
    return this.#rules.get(`${kind} ${kind === "Role" ? namespace : ""}/${name}`);
  }

  #add({ metadata, roleRef, subjects }: Binding): void {
    const { namespace = "", name } = metadata;
    const held = this.rulesOf(roleRef, namespace);
    const kind = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
    const binding = `${kind} ${JSON.stringify(namespace === "" ? name : `${name}/${namespace}`)}`;
    const problem = `${roleRef.kind.toLowerCase()}.${rbacGroup} ${JSON.stringify(roleRef.name)} not found`;
    for (const subject of subjects ?? []) {
      this.#give(`${namespace}/${subjectKey(subject, namespace)}`, {
        rules: held ?? [],
        source: `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${describe(subject, namespace)}`,
        ...(held ? {} : { problem }),
      });
    }
  }

  #give(key: string, grant: Grant): void {
    const grants = this.#grants.get(key);
    if (grants) grants.push(grant);
    else this.#grants.set(key, [grant]);
  }
}

function describe({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  const full = kind === "ServiceAccount" ? `${name}/${namespace || bindingNamespace}` : name;
  return `${kind} ${JSON.stringify(full)}`;
}

/** A service account is a user of that name; in a RoleBinding its namespace may be left out. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== "ServiceAccount") return `${kind} ${name}`;
  return `User ${accountUserName({ namespace: namespace || bindingNamespace, name })}`;
}
