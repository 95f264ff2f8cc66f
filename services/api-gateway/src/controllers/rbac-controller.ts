import { randomUUID } from "node:crypto";
import { pause } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { type ClusterRole, formatTime, rbacGroup } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import { staleAggregates } from "../domain/access/aggregate-roles.ts";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../domain/access/bootstrap-policy.ts";
import { uncovered } from "../domain/access/policy-rules.ts";
import type { GatewayPorts } from "../ports.ts";
import { ensure } from "./namespace-content.ts";

const clusterRoles = `clusterroles.${rbacGroup}`;
const clusterRoleBindings = `clusterrolebindings.${rbacGroup}`;
const autoupdate = "rbac.authorization.kubernetes.io/autoupdate";

type Ports = Pick<GatewayPorts, "store" | "clock" | "log">;

/** The roles that every cluster has. What a user has added to them stays; what is missing comes back, unless he does not wish it. */
export async function foundRoles({ store, clock }: Pick<Ports, "store" | "clock">): Promise<void> {
  const born = () => ({ uid: randomUUID(), creationTimestamp: formatTime(clock.now()) });
  for (const role of bootstrapClusterRoles) {
    await ensure(store, clusterRoles, { ...role, metadata: { ...role.metadata, ...born() } });
    await completeRole(store, role);
  }
  for (const binding of bootstrapClusterRoleBindings) {
    await ensure(store, clusterRoleBindings, { ...binding, metadata: { ...binding.metadata, ...born() } });
  }
  await aggregate(store);
}

async function completeRole(store: ObjectStore, wanted: ClusterRole): Promise<void> {
  const stored = store.cache.get<ClusterRole>({ resource: clusterRoles, namespace: "", name: wanted.metadata.name });
  if (!stored || wanted.aggregationRule || stored.value.metadata.annotations?.[autoupdate] === "false") return;
  const missing = uncovered(stored.value.rules ?? [], wanted.rules ?? []);
  if (missing.length === 0) return;
  const rules = [...(stored.value.rules ?? []), ...missing];
  await unlessChanged(store.update(stored.key, { ...stored.value, rules }, stored.revision));
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
