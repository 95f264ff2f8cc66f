import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type EndpointSlice,
  type Endpoints,
  endpointSlices,
  endpointsResource,
  formatTime,
  type KubeObject,
} from "@podbus/kube";
import type { ObjectKey, StorableObject } from "@podbus/store";
import { type ApiServerAddress, endpointsOf } from "../domain/api-server-endpoints.ts";
import { changeObject, wasOvertaken } from "../objects/change-object.ts";
import { objectKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";
import { ensure } from "./namespace-content.ts";

type Ports = Pick<GatewayPorts, "store" | "clock" | "log">;

/** As kube-apiserver's DefaultEndpointReconcilerInterval (pkg/controlplane/instance.go). */
const everyMs = 10_000;
/** It gives a replica 15 s; here a slow one misses a turn or two. */
const silentForMs = 30_000;

/** An object for each replica that others can reach, written anew as a sign of life. No part of the API. */
const replicasResource = "apiservers.podbus.dev";

interface StoredReplica extends StorableObject {
  readonly metadata: { readonly name: string };
  readonly address: ApiServerAddress;
  readonly life: number;
}

const master = { namespace: "default", name: "kubernetes" } as const;

/**
 * Keeps the endpoints of the Service `kubernetes`: the addresses of all replicas that give signs of life. Silence is measured from
 * when this process saw the last one, so clocks may differ. `own`: undefined where nobody else can reach this replica.
 */
export async function keepApiServerEndpoints(
  ports: Ports,
  own: ApiServerAddress | undefined,
  signal: AbortSignal,
): Promise<void> {
  const heard = new Map<string, { readonly revision: number; readonly atMs: number }>();
  for (let life = 1; !signal.aborted; life += 1) {
    try {
      if (own) await giveSignOfLife(ports, own, life);
      await removeSilent(ports, heard);
      await ensureEndpoints(ports);
    } catch (err) {
      ports.log.warn({ err }, "the endpoints of the API server could not be told; trying again");
    }
    // Aborted: the loop ends.
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function giveSignOfLife({ store }: Ports, address: ApiServerAddress, life: number): Promise<void> {
  const name = `${address.ip}-${address.port}`;
  const key = { resource: replicasResource, namespace: "", name };
  const value: StoredReplica = { metadata: { name }, address, life };
  const renewed = await changeObject<StoredReplica>(store, key, () => ({ kind: "update", value }));
  if (!renewed) await store.create(key, value);
}

async function removeSilent(
  { store, clock }: Ports,
  heard: Map<string, { readonly revision: number; readonly atMs: number }>,
): Promise<void> {
  const now = clock.monotonic();
  const replicas = store.cache.list<StoredReplica>(replicasResource).items;
  for (const { key, revision } of replicas) {
    const last = heard.get(key.name);
    if (last?.revision !== revision) heard.set(key.name, { revision, atMs: now });
    else if (now - last.atMs >= silentForMs) await removeAsItIs({ store }, key, revision);
  }
  for (const name of heard.keys()) if (!replicas.some(({ key }) => key.name === name)) heard.delete(name);
}

/** Who has written meanwhile is alive. */
async function removeAsItIs({ store }: Pick<Ports, "store">, key: ObjectKey, revision: number): Promise<void> {
  try {
    await store.delete(key, revision);
  } catch (error) {
    if (!wasOvertaken(error)) throw error;
  }
}

async function ensureEndpoints(ports: Ports): Promise<void> {
  const { store, clock } = ports;
  const replicas = store.cache.list<StoredReplica>(replicasResource).items.map(({ value }) => value.address);
  const { subsets, slice } = endpointsOf(replicas);
  const metadata = (labels: Record<string, string>) => ({
    ...master,
    uid: randomUUID(),
    creationTimestamp: formatTime(clock.now()),
    labels,
  });
  await ensureAs<Endpoints>(ports, objectKey(endpointsResource, master.namespace, master.name), {
    apiVersion: "v1",
    kind: "Endpoints",
    // The slice is written here too: nobody needs to make one of this.
    metadata: metadata({ "endpointslice.kubernetes.io/skip-mirror": "true" }),
    subsets,
  });
  await ensureAs<EndpointSlice>(ports, objectKey(endpointSlices, master.namespace, master.name), {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata({ "kubernetes.io/service-name": master.name }), generation: 1 },
    addressType: "IPv4",
    ...slice,
  });
}

/** Creates what is not there, and gives what is there the content wanted, whoever made it. */
async function ensureAs<T extends KubeObject>({ store }: Ports, key: ObjectKey, wanted: T): Promise<void> {
  await ensure(store, key.resource, wanted);
  await changeObject<T>(store, key, ({ value }) => {
    const { metadata, ...content } = wanted;
    const { uid, creationTimestamp, generation } = value.metadata;
    if (isDeepStrictEqual({ ...value, metadata: undefined }, { ...content, metadata: undefined }))
      return { kind: "none" };
    const next = generation === undefined ? {} : { generation: generation + 1 };
    return { kind: "update", value: { ...wanted, metadata: { ...metadata, uid, creationTimestamp, ...next } } };
  });
}
