import { Eviction, PodApi } from "@podbus/contracts";
import type { ClusterRuntime } from "@podbus/service";
import { storePodReader } from "./adapters/store-pod-reader.ts";
import { evict } from "./handlers/evict.ts";

/** Serves Eviction. Any number of replicas: nothing is kept between calls. */
export function startEviction({ bus, clock, log, store }: ClusterRuntime): Promise<AsyncDisposable> {
  const deleter = bus.client(PodApi);
  return bus.serve(Eviction, {}, { evict: evict({ pods: storePodReader(store), deleter, clock, log }) });
}
