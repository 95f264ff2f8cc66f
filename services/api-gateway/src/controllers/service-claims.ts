import { randomUUID } from "node:crypto";
import { formatTime, type Service, services } from "@podbus/kube";
import { addressClaim, claimsOf, firstAddress } from "../domain/service-claims.ts";
import { allocate } from "../objects/allocate-service.ts";
import { changeObject } from "../objects/change-object.ts";
import { followObjects } from "../objects/follow-objects.ts";
import { objectKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import { claim, isClaimed, release, releaseStale } from "../objects/service-claims.ts";
import type { GatewayPorts } from "../ports.ts";
import { ensure } from "./namespace-content.ts";

type Ports = Pick<GatewayPorts, "store" | "clock" | "log" | "serviceRanges">;

/** kube-apiserver: the repair loops of pkg/registry/core/service run every three minutes. */
const everyMs = 180_000;
const master = { namespace: "default", name: "kubernetes" } as const;

/**
 * Gives back what Services had that are gone, and restores `kubernetes` at once. Any number of replicas may do it; what one
 * leaves behind is found later.
 */
export function followServices(ports: Ports, port: number): AsyncDisposable {
  return followObjects<Service>(ports, {
    resource: services.storageResource,
    reset: () => undefined,
    changed: (event) => {
      if (event.type !== "DELETED") return;
      const { value } = event.previous;
      afterDeletion(ports, value, port).catch((err) =>
        ports.log.warn({ err, service: value.metadata.name }, "cannot follow a Service that is gone"),
      );
    },
  });
}

async function afterDeletion(ports: Ports, gone: Service, port: number): Promise<void> {
  await release(ports, claimsOf(gone), gone);
  const { namespace, name } = gone.metadata;
  if (namespace === master.namespace && name === master.name) await ensureKubernetesService(ports, port);
}

/** Claims of nobody go, Services from before there were addresses get theirs, and `kubernetes` is there again. */
export async function repairClaims(ports: Ports, port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await ensureKubernetesService(ports, port);
      await releaseStale(ports);
      for (const { key, value } of ports.store.cache.list<Service>(services.storageResource).items) {
        await complete(ports, value, key);
      }
    } catch (err) {
      ports.log.warn({ err }, "claims of Services could not be repaired; trying again");
    }
    // Aborted: the loop ends.
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function complete(ports: Ports, known: Service, key: ReturnType<typeof objectKey>): Promise<void> {
  for (const each of claimsOf(known)) if (!isClaimed(ports, each)) await claim(ports, each, known);
  if (!isIncomplete(known)) return;
  await changeObject<Service>(ports.store, key, async ({ value }) => {
    if (!isIncomplete(value)) return { kind: "none" };
    // Overtaken: what it was given is found by releaseStale.
    const request = { resource: services, object: value, previous: value, dryRun: false };
    return { kind: "update", value: (await allocate(ports, request)).object };
  });
}

const isIncomplete = ({ spec, metadata }: Service): boolean =>
  metadata.deletionTimestamp === undefined && spec.type !== "ExternalName" && !spec.clusterIP;

/** By which pods find the API server: pkg/controlplane/controller/kubernetesservice. */
export async function ensureKubernetesService(ports: Ports, port: number): Promise<void> {
  const { store, clock, serviceRanges } = ports;
  const clusterIP = firstAddress(serviceRanges.addresses);
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...master,
      uid: randomUUID(),
      creationTimestamp: formatTime(clock.now()),
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      type: "ClusterIP",
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: port }],
    },
    status: { loadBalancer: {} },
  };
  await ensure(store, services.storageResource, service);
  const stored = await readFresh<Service>(store, objectKey(services, master.namespace, master.name));
  if (stored && !isClaimed(ports, addressClaim(clusterIP))) await claim(ports, addressClaim(clusterIP), stored.value);
}
