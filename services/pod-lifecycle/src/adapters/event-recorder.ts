import type { EventRecorder } from "@podbus/events";
import type { Pod } from "@podbus/kube";
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

function fieldPathOf(pod: Pod, container: string): string {
  const isInit = pod.spec.initContainers?.some((c) => c.name === container) ?? false;
  return `spec.${isInit ? "initContainers" : "containers"}{${container}}`;
}
