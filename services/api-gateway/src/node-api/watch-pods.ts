import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallContext } from "@podbus/bus";
import type { WatchPodsResponseSchema } from "@podbus/contracts";
import { annotations, type KubeObject, type Node, type Pod } from "@podbus/kube";
import type { StoredObject } from "@podbus/store";
import { contextOf } from "@podbus/telemetry";
import type { GatewayPorts } from "../ports.ts";
import type { FeedItem, PodFeed } from "./pod-feed.ts";

type Response = MessageInitShape<typeof WatchPodsResponseSchema>;

/** NodeApi.WatchPods. */
export async function* watchPods(
  { store, tracer }: Pick<GatewayPorts, "store" | "tracer">,
  feed: PodFeed,
  context: CallContext,
): AsyncGenerator<Response> {
  let told = 0;
  for await (const item of feed.subscribe(context.node, context.signal)) {
    // The cache has reached the pod's revision: a label that was set before the pod was made is there.
    const node = store.cache.get<Node>({ resource: "nodes", namespace: "", name: context.node });
    if (item.kind === "pod" && node && node.revision !== told) {
      told = node.revision;
      yield { event: { case: "node", value: { nodeJson: forNode(node.value), revision: BigInt(node.revision) } } };
    }
    yield toResponse(item);
    if (item.kind === "pod" && item.first) recordDelivery(tracer, context.node, item.pod, item.seenAtMs);
  }
}

function toResponse(item: FeedItem): Response {
  switch (item.kind) {
    case "pod":
      return {
        event: {
          case: "pod",
          value: { podJson: forNode(item.pod.value), revision: BigInt(item.pod.revision) },
        },
      };
    case "gone": {
      const { namespace = "", name, uid = "" } = item.pod.value.metadata;
      return { event: { case: "gone", value: { pod: { namespace, name, uid }, revision: BigInt(item.revision) } } };
    }
    case "synced":
      return { event: { case: "synced", value: { revision: BigInt(item.revision) } } };
  }
}

/** The `feed` span: from the moment the gateway saw the binding until the node's stream has taken the pod. */
function recordDelivery(tracer: GatewayPorts["tracer"], node: string, pod: StoredObject<Pod>, seenAtMs: number): void {
  const traceparent = pod.value.metadata.annotations?.[annotations.traceparent];
  if (traceparent === undefined) return;
  const attributes = { "k8s.node.name": node, "k8s.pod.uid": pod.value.metadata.uid ?? "" };
  tracer.startSpan("feed", { startTime: seenAtMs, attributes }, contextOf(traceparent)).end();
}

/** Who owns which field is no business of a node, and half of a pod's text. */
function forNode({ metadata, ...object }: KubeObject): Uint8Array {
  const { managedFields: _, ...own } = metadata;
  return Buffer.from(JSON.stringify({ ...object, metadata: own }));
}
