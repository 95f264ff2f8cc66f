import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { EventRecorder } from "@podbus/events";
import type { NodeEvents } from "../ports.ts";

/** Events about this node. The kubelet's reference to its node has the name as the uid (kubelet.go, nodeRef). */
export function createNodeEvents(recorder: Pick<EventRecorder, "record">, nodeName: string): NodeEvents {
  const object = { apiVersion: "v1", kind: "Node", name: nodeName, uid: nodeName };
  return {
    warn: (reason, message) =>
      context.with(ROOT_CONTEXT, () =>
        recorder.record({ object, type: "Warning", reason, message, component: "kubelet" }),
      ),
  };
}
