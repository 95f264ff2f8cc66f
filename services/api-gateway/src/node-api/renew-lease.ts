import { randomUUID } from "node:crypto";
import type { CallContext } from "@podbus/bus";
import type { RenewLeaseRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { formatMicroTime, formatTime, type Lease, type Node, namespaces, type ObjectMeta } from "@podbus/kube";
import type { ObjectKey } from "@podbus/store";
import { isMarkedSilent } from "../domain/decide-node-silence.ts";
import { changeObject } from "../objects/change-object.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

/**
 * NodeApi.RenewLease. NOT_FOUND if there is no such Node, FAILED_PRECONDITION (reason NodeStatusUnknown) if its
 * silence was noted: the node registers again. Answers the Node's revision.
 */
export async function renewLease(
  ports: Pick<GatewayPorts, "store" | "clock">,
  { leaseDurationSeconds }: RenewLeaseRequest,
  { node: name }: CallContext,
): Promise<{ nodeRevision: bigint }> {
  const nodeKey = { resource: "nodes", namespace: "", name };
  const node = ports.store.cache.get<Node>(nodeKey) ?? (await readFresh<Node>(ports.store, nodeKey));
  if (!node) throw new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: `nodes "${name}" not found` });
  await renew(ports, node.value, leaseDurationSeconds);
  if (isMarkedSilent(node.value)) {
    const message = `node ${name} was silent and is marked Unknown: register again`;
    throw new PodbusError({ code: "FAILED_PRECONDITION", reason: "NodeStatusUnknown", message });
  }
  return { nodeRevision: BigInt(node.revision) };
}

async function renew(
  { store, clock }: Pick<GatewayPorts, "store" | "clock">,
  node: Node,
  seconds: number,
): Promise<void> {
  const key = leaseKey(node.metadata.name);
  const spec = {
    holderIdentity: node.metadata.name,
    leaseDurationSeconds: seconds,
    renewTime: formatMicroTime(clock.now()),
  };
  const renewed = await changeObject<Lease>(store, key, ({ value }) => ({
    kind: "update",
    value: { ...value, metadata: ownedBy(node, value.metadata), spec: { ...value.spec, ...spec } },
  }));
  if (renewed) return;
  try {
    await store.create<Lease>(key, newLease(node, spec, clock.now()));
  } catch (error) {
    // Another call of the same node was faster; its lease is as new.
    if (!(error instanceof PodbusError && error.code === "ALREADY_EXISTS")) throw error;
  }
}

function newLease(node: Node, spec: NonNullable<Lease["spec"]>, now: number): Lease {
  const { name } = node.metadata;
  const metadata = { name, namespace: namespaces.nodeLease, uid: randomUUID(), creationTimestamp: formatTime(now) };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: ownedBy(node, metadata), spec };
}

/** A Node that was deleted and registered again takes its lease over. */
function ownedBy(node: Node, metadata: ObjectMeta): ObjectMeta {
  const { name, uid = "" } = node.metadata;
  return { ...metadata, ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }] };
}

export function leaseKey(node: string): ObjectKey {
  return { resource: "leases.coordination.k8s.io", namespace: namespaces.nodeLease, name: node };
}
