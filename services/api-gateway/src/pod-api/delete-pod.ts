import type { Bus } from "@podbus/bus";
import { type DeletePodRequest, PodApi } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { findKind, type Pod } from "@podbus/kube";
import { traceparentOf } from "@podbus/telemetry";
import { deleteStoredObject } from "../deletion/delete-stored-object.ts";
import { podNotFound } from "../node-api/own-pod.ts";
import { podKey } from "../objects/object-key.ts";
import { refresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

export function servePodApi(bus: Bus, ports: GatewayPorts): Promise<AsyncDisposable> {
  return bus.serve(PodApi, {}, { deletePod: (request) => deletePod(ports, request) });
}

/** PodApi.DeletePod: the same rules as a user's deletion, with the reason as a DisruptionTarget condition. */
export async function deletePod(
  ports: Pick<GatewayPorts, "store" | "clock">,
  request: DeletePodRequest,
): Promise<{ podJson: Uint8Array }> {
  const { pod: ref, gracePeriodSeconds, preconditionResourceVersion, disruptionReason: reason } = request;
  const resource = findKind("", "v1", "Pod");
  if (!ref || !resource) throw podNotFound(ref);
  const key = podKey(ref.namespace, ref.name);
  await refresh(ports.store);
  if (ports.store.cache.get<Pod>(key)?.value.metadata.uid !== ref.uid) throw podNotFound(ref);
  const deleted = await conflictAsPrecondition(
    deleteStoredObject(ports, {
      resource,
      key,
      dryRun: request.dryRun,
      preconditionUid: ref.uid,
      preconditionResourceVersion: preconditionResourceVersion || undefined,
      gracePeriodSeconds: gracePeriodSeconds === undefined ? undefined : Number(gracePeriodSeconds),
      traceparent: traceparentOf(),
      ...(reason === "" ? {} : { disruption: { reason, message: request.disruptionMessage } }),
    }),
  );
  if (!deleted) throw podNotFound(ref);
  return { podJson: Buffer.from(JSON.stringify(deleted.object)) };
}

async function conflictAsPrecondition<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PodbusError && error.reason === "Conflict")) throw error;
    throw new PodbusError({ code: "FAILED_PRECONDITION", reason: "Conflict", message: error.message, cause: error });
  }
}
