import { FakeClock } from "@podbus/clock";
import { type ClusterRole, type ClusterRoleBinding, rbacGroup } from "@podbus/kube";
import { createMemoryStore } from "@podbus/store";
import { describe, expect, it } from "vitest";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../domain/access/bootstrap-policy.ts";
import { foundRoles } from "./rbac-controller.ts";

const roleKey = (name: string) => ({ resource: `clusterroles.${rbacGroup}`, namespace: "", name });
const bindingKey = (name: string) => ({ resource: `clusterrolebindings.${rbacGroup}`, namespace: "", name });

async function founded() {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  await foundRoles({ store, clock });
  const role = (name: string) => store.cache.get<ClusterRole>(roleKey(name));
  const binding = (name: string) => store.cache.get<ClusterRoleBinding>(bindingKey(name));
  return { store, role, binding, again: () => foundRoles({ store, clock }) };
}

describe("the roles and bindings that every cluster has", () => {
  it("are all there, with those that gather others filled", async () => {
    const { role, binding } = await founded();
    for (const { metadata } of bootstrapClusterRoles) expect(role(metadata.name)?.value.metadata.uid).toBeDefined();
    for (const { metadata } of bootstrapClusterRoleBindings) expect(binding(metadata.name)).toBeDefined();
    const rulesOf = (name: string) => role(name)?.value.rules ?? [];
    expect(rulesOf("view").length).toBeGreaterThan(0);
    expect(rulesOf("edit")).toEqual(expect.arrayContaining(rulesOf("view")));
    expect(rulesOf("admin")).toEqual(expect.arrayContaining(rulesOf("edit")));
  });

  it("are not written again when nothing is missing", async () => {
    const { store, again } = await founded();
    const before = await store.latestRevision();
    await again();
    expect(await store.latestRevision()).toBe(before);
  });

  it("come back, with what a user has added, and keep their uid", async () => {
    const { store, role, again } = await founded();
    const stored = role("system:basic-user");
    const added = { verbs: ["get"], nonResourceURLs: ["/x"] };
    await store.update(
      roleKey("system:basic-user"),
      { ...stored?.value, rules: [added] } as ClusterRole,
      stored?.revision ?? 0,
    );
    await store.delete(bindingKey("system:discovery"), store.cache.get(bindingKey("system:discovery"))?.revision ?? 0);
    await again();
    expect(role("system:basic-user")?.value).toMatchObject({
      metadata: { uid: stored?.value.metadata.uid },
      rules: [added, ...(stored?.value.rules ?? [])],
    });
    expect(store.cache.get(bindingKey("system:discovery"))).toBeDefined();
  });

  it("a binding of another role is made anew", async () => {
    const { store, binding, again } = await founded();
    const stored = binding("system:discovery");
    const roleRef = { apiGroup: rbacGroup, kind: "ClusterRole", name: "cluster-admin" };
    await store.update(
      bindingKey("system:discovery"),
      { ...stored?.value, roleRef } as ClusterRoleBinding,
      stored?.revision ?? 0,
    );
    await again();
    expect(binding("system:discovery")?.value.roleRef.name).toBe("system:discovery");
    expect(binding("system:discovery")?.value.metadata.uid).not.toBe(stored?.value.metadata.uid);
  });
});
