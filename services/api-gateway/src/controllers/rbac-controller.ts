import { randomUUID } from "node:crypto";
import { pause } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { type ClusterRole, formatTime, type KubeObject, rbacGroup } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import { staleAggregates } from "../domain/access/aggregate-roles.ts";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../domain/access/bootstrap-policy.ts";
import { type Reconciliation, reconcileBinding, reconcileRole } from "../domain/access/reconcile-policy.ts";
import { changeObject } from "../objects/change-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { ensure } from "./namespace-content.ts";

const clusterRoles = `clusterroles.${rbacGroup}`;
const clusterRoleBindings = `clusterrolebindings.${rbacGroup}`;

type Ports = Pick<GatewayPorts, "store" | "clock" | "log">;

/** The roles and bindings that every cluster has. What a user has added stays; what is missing comes back, unless he does not wish it. */
export async function foundRoles(ports: Pick<Ports, "store" | "clock">): Promise<void> {
  await Promise.all([
    ...bootstrapClusterRoles.map((role) => found(ports, clusterRoles, role, reconcileRole)),
    ...bootstrapClusterRoleBindings.map((each) => found(ports, clusterRoleBindings, each, reconcileBinding)),
  ]);
  await aggregate(ports.store);
}

async function found<T extends KubeObject>(
  { store, clock }: Pick<Ports, "store" | "clock">,
  resource: string,
  wanted: T,
  reconcile: (stored: T, wanted: T) => Reconciliation<T>,
): Promise<void> {
  const key = { resource, namespace: "", name: wanted.metadata.name };
  await changeObject<T>(store, key, ({ value }) => {
    const reconciliation = reconcile(value, wanted);
    if (reconciliation.kind === "update") return { kind: "update", value: reconciliation.object };
    return { kind: reconciliation.kind === "replace" ? "remove" : "none" };
  });
  const born = { uid: randomUUID(), creationTimestamp: formatTime(clock.now()) };
  await ensure(store, resource, { ...wanted, metadata: { ...wanted.metadata, ...born } });
}

/** Keeps ClusterRoles that are made of others up to date, until the signal. */
export async function aggregateRoles({ store, clock, log }: Ports, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { revision } = store.cache.list(clusterRoles);
      await aggregate(store);
      for await (const _ of store.cache.watch({ resource: clusterRoles, fromRevision: revision, signal })) {
        await aggregate(store);
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "ClusterRoles could not be aggregated; trying again");
      await pause(clock, retryMs, signal);
    }
  }
}

const retryMs = 1_000;
/** Each of admin, edit and view is part of the one before. */
const mostTurns = 5;

async function aggregate(store: ObjectStore): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    const items = store.cache.list<ClusterRole>(clusterRoles).items;
    const stale = staleAggregates(items.map(({ value }) => value));
    if (stale.length === 0) return;
    for (const role of stale) {
      const stored = items.find(({ key }) => key.name === role.metadata.name);
      if (stored) await unlessChanged(store.update(stored.key, role, stored.revision));
    }
  }
}

/** Another replica, or a user, was faster: the change comes by the watch. */
async function unlessChanged(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof PodbusError && (error.code === "ABORTED" || error.code === "NOT_FOUND"))) throw error;
  }
}
