import { PodbusError } from "@podbus/errors";
import type { Service } from "@podbus/kube";
import type { ObjectKey, StorableObject, StoredObject } from "@podbus/store";
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

const keyOf = (claim: Claim): ObjectKey => ({ resource: claimsResource, namespace: "", name: claim });

const ownerOf = ({ metadata }: Service): ClaimOwner => ({
  namespace: metadata.namespace ?? "",
  name: metadata.name,
  uid: metadata.uid ?? "",
});

/** A claim as one write of a Service made it. */
export interface MadeClaim {
  readonly revision: number;
  /** Another write of the same Service had made it, and may still be stored with it. */
  readonly shared: boolean;
}

/** Undefined if another Service has it. */
export async function claim(ports: Ports, wanted: Claim, service: Service): Promise<MadeClaim | undefined> {
  const { store, clock } = ports;
  const owner = ownerOf(service);
  const value: StoredClaim = { metadata: { name: wanted }, service: owner, claimedAtMs: clock.now() };
  try {
    const { revision } = await store.create(keyOf(wanted), value);
    return { revision, shared: false };
  } catch (error) {
    if (!(error instanceof PodbusError && error.code === "ALREADY_EXISTS")) throw error;
  }
  const held = await readFresh<StoredClaim>(store, keyOf(wanted));
  if (!held) return claim(ports, wanted, service);
  const shared = held.value.service.uid === owner.uid;
  if (!shared && !(await isStale(ports, held))) return undefined;
  try {
    // With the same owner too: whoever made it before cannot give it back any more.
    const { revision } = await store.update(keyOf(wanted), value, held.revision);
    return { revision, shared };
  } catch (error) {
    if (wasOvertaken(error)) return shared ? claim(ports, wanted, service) : undefined;
    throw error;
  }
}

export const isClaimed = (ports: Pick<Ports, "store">, wanted: Claim): boolean =>
  claimRevision(ports, wanted) !== undefined;

/** Of the claim as it is now. */
export const claimRevision = ({ store }: Pick<Ports, "store">, wanted: Claim): number | undefined =>
  store.cache.get(keyOf(wanted))?.revision;

/** Gives back what a Service had that is gone; of others nothing. */
export async function release(ports: Pick<Ports, "store">, claims: Iterable<Claim>, service: Service): Promise<void> {
  for (const each of claims) {
    const held = await readFresh<StoredClaim>(ports.store, keyOf(each));
    if (held && held.value.service.uid === service.metadata.uid) await releaseAt(ports, each, held.revision);
  }
}

/** Gives back what nobody has: its Service is gone, or has it no longer. */
export async function releaseStale(ports: Ports): Promise<void> {
  // Since they were listed others may have written them: a deletion names the revision that was looked at.
  for (const held of ports.store.cache.list<StoredClaim>(claimsResource).items) {
    if (await isStale(ports, held)) await releaseAt(ports, held.key.name, held.revision);
  }
}

async function isStale({ store, clock }: Ports, { value, key }: StoredObject<StoredClaim>): Promise<boolean> {
  const { namespace, name, uid } = value.service;
  if (clock.now() - value.claimedAtMs < unsettledMs) return false;
  const service = await readFresh<Service>(store, { resource: "services", namespace, name });
  return service?.value.metadata.uid !== uid || !claimsOf(service.value).has(key.name);
}

/** Gives back a claim as it was at that revision: if anyone has written it since, it is theirs. */
export async function releaseAt({ store }: Pick<Ports, "store">, held: Claim, revision: number): Promise<void> {
  try {
    await store.delete(keyOf(held), revision);
  } catch (error) {
    if (!wasOvertaken(error)) throw error;
  }
}
