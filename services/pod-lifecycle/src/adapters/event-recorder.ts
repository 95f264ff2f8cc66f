import type { EventRecorder } from "@podbus/events";
import type { Pod } from "@podbus/kube";
import { roleOf } from "../domain/restart-policy.ts";
import type { NodeEvents, PodEvent, PodEvents } from "../ports.ts";

/** Events about the node and its pods, in the kubelet's name. */
export class RecordedEvents implements PodEvents, NodeEvents {
  readonly #recorder: EventRecorder;
  readonly #nodeName: string;

  constructor(recorder: EventRecorder, nodeName: string) {
    this.#recorder = recorder;
    this.#nodeName = nodeName;
  }

  recordOfNode(event: Omit<PodEvent, "container">): void {
    const name = this.#nodeName;
    // The kubelet takes the node's name for its uid, and kubectl describe looks for that.
    this.#recorder.record({
      object: { apiVersion: "v1", kind: "Node", name, uid: name },
      ...event,
      component: "kubelet",
    });
  }

  record(pod: Pod, { type, reason, message, container }: PodEvent): void {
    const { name, namespace = "", uid = "" } = pod.metadata;
    const fieldPath = container ? { fieldPath: fieldPathOf(pod, container) } : {};
    const object = { apiVersion: "v1", kind: "Pod", namespace, name, uid, ...fieldPath };
    this.#recorder.record({ object, type, reason, message, component: "kubelet" });
  }
}

const lists = {
  app: "containers",
  init: "initContainers",
  sidecar: "initContainers",
  ephemeral: "ephemeralContainers",
} as const;

function fieldPathOf(pod: Pod, container: string): string {
  return `spec.${lists[roleOf(pod, container)]}{${container}}`;
}
