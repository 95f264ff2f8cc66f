import { PodbusError } from "@podbus/errors";
import type { Service } from "@podbus/kube";
import type { ObjectStore, StorableObject, StoredObject } from "@podbus/store";
import { type Claim, claimsOf } from "../domain/service-claims.ts";
import type { GatewayPorts } from "../ports.ts";
import { wasOvertaken } from "./change-object.ts";
import { readFresh } from "./read-fresh.ts";

type Ports = Pick<GatewayPorts, "store" | "clock">;

/** A stored object for each address and port that is given out: its name makes it unique, whoever else writes. */
export const claimsResource = "claims.podbus.dev";

interface StoredClaim extends StorableObject {
  readonly metadata: { readonly name: string };
  readonly service: ClaimOwner;
  readonly claimedAtMs: number;
}

interface ClaimOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** How long a claim may stand without its Service being stored: whoever made it is still at it, or died. */
const unsettledMs = 60_000;

const keyOf = (claim: Claim) => ({ resource: claimsResource, namespace: "", name: claim });

const ownerOf = ({ metadata }: Service): ClaimOwner => ({
  namespace: metadata.namespace ?? "",
  name: metadata.name,
  uid: metadata.uid ?? "",
});

/** Whether this Service has it now. */
export async function claim(ports: Ports, wanted: Claim, service: Service): Promise<boolean> {
  const { store, clock } = ports;
  const owner = ownerOf(service);
  const value: StoredClaim = { metadata: { name: wanted }, service: owner, claimedAtMs: clock.now() };
  try {
    await store.create(keyOf(wanted), value);
    return true;
  } catch (error) {
    if (!(error instanceof PodbusError && error.code === "ALREADY_EXISTS")) throw error;
  }
  const held = await readFresh<StoredClaim>(store, keyOf(wanted));
  if (!held) return claim(ports, wanted, service);
  if (held.value.service.uid === owner.uid) return true;
  if (!(await isStale(ports, held))) return false;
  try {
    await store.update(keyOf(wanted), value, held.revision);
    return true;
  } catch (error) {
    if (wasOvertaken(error)) return false;
    throw error;
  }
}

export const isClaimed = ({ store }: Pick<Ports, "store">, wanted: Claim): boolean =>
  store.cache.get(keyOf(wanted)) !== undefined;

/** Gives back what that Service had; of others nothing. */
export async function release(
  { store }: Pick<Ports, "store">,
  claims: Iterable<Claim>,
  service: Service,
): Promise<void> {
  for (const each of claims) {
    const held = await readFresh<StoredClaim>(store, keyOf(each));
    if (held && held.value.service.uid === service.metadata.uid) await remove(store, held);
  }
}

/** Gives back what nobody has: its Service is gone, or has it no longer. */
export async function releaseStale(ports: Ports): Promise<void> {
  // Since they were listed others may have written them: a deletion names the revision that was looked at.
  for (const held of ports.store.cache.list<StoredClaim>(claimsResource).items) {
    if (await isStale(ports, held)) await remove(ports.store, held);
  }
}

async function isStale({ store, clock }: Ports, { value, key }: StoredObject<StoredClaim>): Promise<boolean> {
  const { namespace, name, uid } = value.service;
  if (clock.now() - value.claimedAtMs < unsettledMs) return false;
  const service = await readFresh<Service>(store, { resource: "services", namespace, name });
  return service?.value.metadata.uid !== uid || !claimsOf(service.value).has(key.name);
}

async function remove(store: ObjectStore, held: StoredObject<StoredClaim>): Promise<void> {
  try {
    await store.delete(held.key, held.revision);
  } catch (error) {
    // Someone else was faster, with this or with a claim of its own.
    if (!wasOvertaken(error)) throw error;
  }
}
