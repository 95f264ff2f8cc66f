import type { EventRecorder } from "@podbus/events";
import type { Pod } from "@podbus/kube";
import { roleOf } from "../domain/restart-policy.ts";
import type { PodEvent, PodEvents } from "../ports.ts";

/** Events about pods, in the kubelet's name. */
export class RecordedPodEvents implements PodEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
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
