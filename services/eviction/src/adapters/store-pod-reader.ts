import type { Pod } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import type { PodReader } from "../ports.ts";

/** Reads from the cache once it has caught up with the store: an eviction must not judge an old pod. */
export function storePodReader(store: ObjectStore): PodReader {
  return {
    async read(namespace, name, signal) {
      await store.cache.waitForRevision(await store.latestRevision(), signal);
      return store.cache.get<Pod>({ resource: "pods", namespace, name })?.value;
    },
  };
}
