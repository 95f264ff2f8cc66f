import { type Clock, pause } from "@podbus/clock";
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
import { type Grant, RbacIndex } from "../domain/access/rbac.ts";
import type { User } from "../domain/user.ts";

const againMs = 20;
const resources = ["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map(
  (name) => `${name}.${rbacGroup}`,
);

/** Answers who may do what from the store's cache, without waiting: the index is made anew only after a change. */
export class AccessControl implements AsyncDisposable {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<unknown>;
  #index: RbacIndex | undefined;

  constructor({ store, clock }: { readonly store: ObjectStore; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
    this.#watching = Promise.all(resources.map((resource) => this.#invalidate(resource)));
  }

  decide(user: User, wanted: AccessAttributes): AccessDecision {
    return decideAccess(user, wanted, { rbac: this.#rbac(), nodes: { podsOf: (node) => this.#podsOf(node) } });
  }

  grantsOf(user: User, namespace: string): Grant[] {
    return this.#rbac().grantsOf(user, namespace);
  }

  /** The rules of a role; undefined where there is no such role. */
  rulesOf(role: RoleBinding["roleRef"], namespace: string): readonly PolicyRule[] | undefined {
    return this.#rbac().rulesOf(role, namespace);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
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

  async #invalidate(resource: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#index = undefined;
        const fromRevision = this.#store.cache.revision;
        for await (const _ of this.#store.cache.watch({ resource, fromRevision, signal })) this.#index = undefined;
      } catch {
        // The cache was built anew: so must the index be. A closed store ends the requests by itself.
        this.#index = undefined;
        await pause(this.#clock, againMs, signal);
      }
    }
  }

  #podsOf(node: string): Pod[] {
    const all = this.#store.cache.list<Pod>("pods").items.map(({ value }) => value);
    return all.filter(({ spec }) => spec.nodeName === node);
  }
}
