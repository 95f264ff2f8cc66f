import {
  decodeObject,
  evictionSchema,
  type Pod,
  type Status,
  StatusError,
  statusBadRequest,
  statusNotFound,
  successStatus,
} from "@podbus/kube";
import { decideOptions } from "../deletion/delete-options.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { parseBody } from "../http/decode-body.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { podKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

const evictionRow = { group: "policy", version: "v1", kind: "Eviction", schema: evictionSchema };

/** POST pods/NAME/eviction: the eviction service decides and has the pod deleted. */
export async function evictPod(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { namespace, name } = call.info;
  const { dryRun, fieldValidation } = writeOptionsOf(call.query, "CreateOptions");
  const { object: eviction } = decodeObject(evictionRow, await parseBody(call, evictionSchema), fieldValidation);
  if (eviction.metadata.name && eviction.metadata.name !== name) {
    throw statusBadRequest(`name in URL does not match name in Eviction object`);
  }
  const options = decideOptions((eviction as { deleteOptions?: object }).deleteOptions ?? {});
  const pod = await readFresh<Pod>(ports.store, podKey(namespace, name), call.signal);
  if (!pod) throw statusNotFound("pods", name);

  const { refusedStatusJson } = await ports.eviction.evict(
    {
      pod: { namespace, name, uid: pod.value.metadata.uid ?? "" },
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: BigInt(options.gracePeriodSeconds) }),
      dryRun: dryRun || options.dryRun,
      preconditionUid: options.preconditionUid ?? "",
      preconditionResourceVersion: options.preconditionResourceVersion ?? "",
    },
    { signal: call.signal },
  );
  if (refusedStatusJson.length > 0)
    throw new StatusError(JSON.parse(Buffer.from(refusedStatusJson).toString()) as Status);
  return documentReply({ ...successStatus(), code: 201 }, 201);
}
