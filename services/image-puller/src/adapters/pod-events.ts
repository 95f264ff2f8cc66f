import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { EventRecorder } from "@podbus/events";
import type { PullEvents } from "../ports.ts";

/** Events about a container of a pod, by the component that users know them from. */
export function createPodEvents(recorder: Pick<EventRecorder, "record">): PullEvents {
  return {
    record: ({ pod, containerName, type, reason, message }) => {
      const { namespace, name, uid } = pod;
      const part = containerName === undefined ? {} : { fieldPath: `spec.containers{${containerName}}` };
      const object = { apiVersion: "v1", kind: "Pod", namespace, name, uid, ...part };
      // Sent later and in batches: no step of this pod's start, so not in its trace.
      context.with(ROOT_CONTEXT, () => recorder.record({ object, type, reason, message, component: "kubelet" }));
    },
  };
}
