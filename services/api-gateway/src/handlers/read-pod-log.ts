import type { ReadLogsResponse } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { statusBadRequest, statusInvalid } from "@podbus/kube";
import { type LogOptions, parseLogOptions } from "../domain/log-options.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { Reply } from "../http/reply.ts";
import type { GatewayPorts } from "../ports.ts";
import { findPodContainer, type PodContainer } from "./find-pod-container.ts";

/** GET pods/NAME/log: the node's log as plain text, as it comes. */
export async function readPodLog(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  return { kind: "stream", contentType: "text/plain", chunks: await openPodLog(ports, call) };
}

/** The log that a query asks for. Whatever can be refused is refused before the first piece. */
export async function openPodLog(ports: GatewayPorts, call: ResourceCall): Promise<AsyncIterable<Uint8Array>> {
  const parsed = parseLogOptions(call.query, ports.clock.now());
  if (parsed.kind === "invalid") throw statusInvalid("PodLogOptions", call.info.name, parsed.errors);
  const target = await findPodContainer(ports, call, parsed.options.container);
  // A pod without a node has no log yet (registry/core/pod/strategy.go LogLocation: no location, no error).
  if (target.node === "") return nothing();
  const responses = openLog(ports, call, target, parsed.options)[Symbol.asyncIterator]();
  return dataOf(await firstOf(responses), responses);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function openLog(ports: GatewayPorts, call: ResourceCall, { node, ref, container }: PodContainer, options: LogOptions) {
  return ports.podLifecycle(node).readLogs(
    {
      pod: ref,
      containerName: container,
      follow: options.follow,
      previous: options.previous,
      timestamps: options.timestamps,
      sinceNs: options.sinceNs,
      ...(options.tailLines === undefined ? {} : { tailLines: options.tailLines }),
      ...(options.limitBytes === undefined ? {} : { limitBytes: options.limitBytes }),
    },
    { signal: call.signal },
  );
}

/** Waited for before the answer begins, so that a failure still is a Status and not a torn stream. */
async function firstOf(responses: AsyncIterator<ReadLogsResponse>): Promise<IteratorResult<ReadLogsResponse>> {
  try {
    return await responses.next();
  } catch (error) {
    // The kubelet answers 400 for a container that has no log (kubelet_pods.go GetKubeletContainerLogs).
    const refused = error instanceof PodbusError && ["FAILED_PRECONDITION", "INVALID_ARGUMENT"].includes(error.code);
    throw refused ? statusBadRequest(error.message) : error;
  }
}

async function* dataOf(
  first: IteratorResult<ReadLogsResponse>,
  rest: AsyncIterator<ReadLogsResponse>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value.data;
  } finally {
    await rest.return?.();
  }
}
