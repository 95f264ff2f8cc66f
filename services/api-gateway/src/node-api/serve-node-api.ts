import type { Bus } from "@podbus/bus";
import { NodeApi } from "@podbus/contracts";
import type { GatewayPorts } from "../ports.ts";
import { createMirrorPod } from "./create-mirror-pod.ts";
import { createPodToken } from "./create-pod-token.ts";
import { deleteMirrorPod } from "./delete-mirror-pod.ts";
import { finishPodDeletion } from "./finish-pod-deletion.ts";
import { getPodDependency } from "./get-pod-dependency.ts";
import { listPodServices } from "./list-pod-services.ts";
import type { PodFeed } from "./pod-feed.ts";
import { recordNodeEvents } from "./record-node-events.ts";
import { registerNode } from "./register-node.ts";
import { renewLease } from "./renew-lease.ts";
import { updatePodStatus } from "./update-pod-status.ts";
import { watchPods } from "./watch-pods.ts";

/** Serves NodeApi on every node's subject; the subject says which node calls. */
export function serveNodeApi(bus: Bus, ports: GatewayPorts, feed: PodFeed): Promise<AsyncDisposable> {
  return bus.serve(
    NodeApi,
    { node: "*" },
    {
      registerNode: (request, context) => registerNode(ports, request, context),
      renewLease: (request, context) => renewLease(ports, request, context),
      watchPods: (_request, context) => watchPods(ports, feed, context),
      updatePodStatus: (request, context) => updatePodStatus(ports, request, context),
      finishPodDeletion: (request, context) => finishPodDeletion(ports, request, context),
      getPodDependency: (request, context) => getPodDependency(ports, request, context),
      listPodServices: (request, context) => listPodServices(ports, request, context),
      createMirrorPod: (request, context) => createMirrorPod(ports, request, context),
      deleteMirrorPod: (request, context) => deleteMirrorPod(ports, request, context),
      createPodToken: (request, context) => createPodToken(ports, request, context),
      recordEvents: (request, context) => recordNodeEvents(ports, feed, request, context),
    },
  );
}
