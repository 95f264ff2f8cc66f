import type { PodRef } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import type { ObjectStore, StoredObject } from "@podbus/store";
import { podKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";

/** Throws unless this incarnation of the pod is bound to the calling node. Our NodeRestriction. */
export function checkOwnPod(
  pod: StoredObject<Pod> | undefined,
  ref: PodRef | undefined,
  node: string,
): StoredObject<Pod> {
  if (!pod || !ref || pod.value.metadata.uid !== ref.uid) throw podNotFound(ref);
  if (pod.value.spec.nodeName !== node) {
    const message = `pod ${ref.namespace}/${ref.name} is not bound to node ${node}`;
    throw new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message });
  }
  return pod;
}

/** Reads the pod from the cache, and once more freshly before it is said not to exist. */
export async function findOwnPod(
  store: ObjectStore,
  ref: PodRef | undefined,
  node: string,
): Promise<StoredObject<Pod>> {
  const key = podKey(ref?.namespace ?? "", ref?.name ?? "");
  const cached = store.cache.get<Pod>(key);
  const known = cached?.value.metadata.uid === ref?.uid && cached?.value.spec.nodeName === node;
  return checkOwnPod(known ? cached : await readFresh<Pod>(store, key), ref, node);
}

export function podNotFound(ref: PodRef | undefined): PodbusError {
  const message = `pods "${ref?.name ?? ""}" not found`;
  return new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message });
}
