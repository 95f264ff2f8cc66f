import {
  type ClusterRole,
  type ClusterRoleBinding,
  type Pod,
  type PolicyRule,
  type Role,
  type RoleBinding,
  rbacGroup,
} from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import type { AccessAttributes } from "../domain/access/attributes.ts";
import { type AccessDecision, decideAccess } from "../domain/access/authorize.ts";
import { PodsByNode } from "../domain/access/pods-by-node.ts";
import { type Grant, RbacIndex } from "../domain/access/rbac.ts";
import type { User } from "../domain/user.ts";
import { type Follower, followObjects } from "../objects/follow-objects.ts";
import type { GatewayPorts } from "../ports.ts";

const resources = ["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map(
  (name) => `${name}.${rbacGroup}`,
);

/** Answers who may do what from the store's cache, without waiting: the index is made anew only after a change. */
export class AccessControl implements AsyncDisposable {
  readonly #store: ObjectStore;
  readonly #pods = new PodsByNode();
  readonly #following = new AsyncDisposableStack();
  #index: RbacIndex | undefined;

  constructor(ports: Pick<GatewayPorts, "store" | "clock" | "log">) {
    this.#store = ports.store;
    const forget = () => {
      this.#index = undefined;
    };
    for (const resource of resources) {
      this.#following.use(followObjects(ports, { resource, reset: forget, changed: forget }));
    }
    this.#following.use(followObjects<Pod>(ports, { resource: "pods", ...podsFollower(this.#pods) }));
  }

  decide(user: User, wanted: AccessAttributes): AccessDecision {
    return decideAccess(user, wanted, { rbac: this.#rbac(), nodes: this.#pods });
  }

  grantsOf(user: User, namespace: string): Grant[] {
    return this.#rbac().grantsOf(user, namespace);
  }

  /** The rules of a role; undefined where there is no such role. */
  rulesOf(role: RoleBinding["roleRef"], namespace: string): readonly PolicyRule[] | undefined {
    return this.#rbac().rulesOf(role, namespace);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#following.disposeAsync();
  }

  #rbac(): RbacIndex {
    const list = <T extends Role | RoleBinding | ClusterRole | ClusterRoleBinding>(plural: string) =>
      this.#store.cache.list<T>(`${plural}.${rbacGroup}`).items.map(({ value }) => value);
    this.#index ??= new RbacIndex({
      roles: list<Role>("roles"),
      clusterRoles: list<ClusterRole>("clusterroles"),
      roleBindings: list<RoleBinding>("rolebindings"),
      clusterRoleBindings: list<ClusterRoleBinding>("clusterrolebindings"),
    });
    return this.#index;
  }
}

function podsFollower(pods: PodsByNode): Pick<Follower<Pod>, "reset" | "changed"> {
  return {
    reset: (all) => pods.reset(all),
    changed: (event) => {
      if (event.type !== "ADDED") pods.remove(event.previous.value);
      if (event.type !== "DELETED") pods.put(event.object.value);
    },
  };
}
