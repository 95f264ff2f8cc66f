import type { Lease, Node } from "@podbus/kube";
import { formatTime } from "@podbus/kube";
import { decideNodeSilence } from "../domain/decide-node-silence.ts";
import { leaseKey } from "../node-api/renew-lease.ts";
import { changeObject } from "../objects/change-object.ts";
import type { GatewayPorts } from "../ports.ts";

/** Kubernetes' --node-monitor-period. */
const everyMs = 5000;

type MonitorPorts = Pick<GatewayPorts, "store" | "clock" | "log">;

/**
 * Marks nodes that no longer renew their lease. Silence is measured from when this process saw the last renewal, so
 * clocks may differ and a restart gives everyone the whole time again. Any number of replicas may run it.
 */
export async function monitorNodes(ports: MonitorPorts, signal: AbortSignal): Promise<void> {
  const heard = new Map<string, { readonly renewal: string; readonly atMs: number }>();
  while (!signal.aborted) {
    const nodes = ports.store.cache.list<Node>("nodes").items;
    const now = ports.clock.monotonic();
    for (const { value: node } of nodes) {
      const { name } = node.metadata;
      const renewal = renewalOf(ports, node);
      const last = heard.get(name);
      if (last?.renewal !== renewal) heard.set(name, { renewal, atMs: now });
      else await markIfSilent(ports, name, now - last.atMs);
    }
    const present = new Set(nodes.map(({ key }) => key.name));
    for (const name of heard.keys()) if (!present.has(name)) heard.delete(name);
    await removeOrphanedLeases(ports);
    // Aborted: the loop ends.
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

/** Changes with each sign of life; another Node object of the same name is another life. */
function renewalOf({ store }: MonitorPorts, { metadata }: Node): string {
  const lease = store.cache.get<Lease>(leaseKey(metadata.name));
  return `${metadata.uid} ${lease?.value.spec?.renewTime ?? ""}`;
}

async function markIfSilent({ store, clock, log }: MonitorPorts, name: string, silentForMs: number): Promise<void> {
  try {
    const key = { resource: "nodes", namespace: "", name };
    await changeObject<Node>(store, key, ({ value }) => {
      const marked = decideNodeSilence(value, silentForMs, formatTime(clock.now()));
      if (!marked) return { kind: "none" };
      log.warn({ node: name, silentForMs: Math.round(silentForMs) }, "a node is silent; its status is unknown");
      return { kind: "update", value: marked };
    });
  } catch (error) {
    log.warn({ err: error, node: name }, "a silent node could not be marked; trying again");
  }
}

/** A lease belongs to one Node object and goes with it, as Kubernetes' garbage collector has it. */
async function removeOrphanedLeases({ store, log }: MonitorPorts): Promise<void> {
  const nodes = new Set(store.cache.list<Node>("nodes").items.map(({ value }) => value.metadata.uid));
  for (const { key, value, revision } of store.cache.list<Lease>(leaseKey("").resource, leaseKey("").namespace).items) {
    const owner = value.metadata.ownerReferences?.find(({ kind }) => kind === "Node");
    if (!owner || nodes.has(owner.uid)) continue;
    // A node of the same name may have taken it over meanwhile: then the revision is another.
    await store.delete(key, revision).catch((error) => log.debug({ err: error }, "a lease was not removed"));
  }
}
