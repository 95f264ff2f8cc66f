import { findKind, formatTime, type Node, type Pod } from "@podbus/kube";
import { deleteStoredObject } from "../deletion/delete-stored-object.ts";
import { type CollectedPod, decidePodCollection, hasEnded } from "../domain/decide-pod-collection.ts";
import { withDisruptionTarget } from "../domain/merge-pod-status.ts";
import { changeObject } from "../objects/change-object.ts";
import { podKey } from "../objects/object-key.ts";
import type { GatewayPorts } from "../ports.ts";

/** kube-controller-manager: gcCheckPeriod. */
const everyMs = 20_000;

type CollectorPorts = Pick<GatewayPorts, "store" | "clock" | "log">;

/**
 * Removes pods that no node will bring to an end, and the oldest of too many that have ended. Any number of replicas may
 * run it; how long a node is missing is measured from when this process first missed it.
 */
export async function collectPods(
  ports: CollectorPorts,
  terminatedPodThreshold: number,
  signal: AbortSignal,
): Promise<void> {
  let missingSince: ReadonlyMap<string, number> = new Map();
  while (!signal.aborted) {
    const pods = ports.store.cache.list<Pod>("pods").items.map(({ value }) => value);
    const nodes = ports.store.cache.list<Node>("nodes").items.map(({ value }) => value);
    const nowMs = ports.clock.monotonic();
    missingSince = missingNodes({ pods, nodes, nowMs, before: missingSince });
    for (const each of decidePodCollection({ pods, nodes, terminatedPodThreshold, missingSince, nowMs })) {
      if (signal.aborted) return;
      await collect(ports, each);
    }
    // Aborted: the loop ends.
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

interface Sighting {
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly nowMs: number;
  readonly before: ReadonlyMap<string, number>;
}

function missingNodes({ pods, nodes, nowMs, before }: Sighting): ReadonlyMap<string, number> {
  const present = new Set(nodes.map(({ metadata }) => metadata.name));
  const wanted = new Set(pods.map(({ spec }) => spec.nodeName ?? ""));
  const missing = [...wanted].filter((name) => name !== "" && !present.has(name));
  return new Map(missing.map((name) => [name, before.get(name) ?? nowMs]));
}

async function collect({ store, clock, log }: CollectorPorts, { pod, why }: CollectedPod): Promise<void> {
  const resource = findKind("", "v1", "Pod");
  const { namespace = "", name, uid = "" } = pod.metadata;
  const key = podKey(namespace, name);
  if (!resource) throw new Error("no kind of pods");
  try {
    if (!hasEnded(pod)) {
      await changeObject<Pod>(store, key, ({ value }) => {
        // Another pod of that name, or it ended meanwhile.
        if (value.metadata.uid !== uid || hasEnded(value)) return { kind: "none" };
        return { kind: "update", value: asFailed(value, why, clock.now()) };
      });
    }
    const deleted = await deleteStoredObject(
      { store, clock },
      { resource, key, dryRun: false, gracePeriodSeconds: 0, preconditionUid: uid },
    );
    if (deleted?.removed) log.info({ pod: { namespace, name, uid }, why }, "a pod was collected");
  } catch (error) {
    log.warn({ err: error, pod: { namespace, name, uid }, why }, "a pod could not be collected; trying again");
  }
}

/** Whoever watches must see that it did not end well. Only a vanished node is a disruption (KEP-3329). */
function asFailed(pod: Pod, why: CollectedPod["why"], nowMs: number): Pod {
  const failed = { ...pod.status, phase: "Failed" as const };
  const status =
    why === "orphaned"
      ? withDisruptionTarget(failed, "DeletionByPodGC", "PodGC: node no longer exists", formatTime(nowMs))
      : failed;
  return { ...pod, status };
}
