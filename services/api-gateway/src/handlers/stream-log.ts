import { once } from "node:events";
import { statusBadRequest } from "@podbus/kube";
import type { WebSocket } from "ws";
import { decideLogFraming } from "../domain/upgrade-offer.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { UpgradeConnection } from "../http/upgrade-connection.ts";
import type { GatewayPorts } from "../ports.ts";
import { openPodLog } from "./read-pod-log.ts";

/** pods/NAME/log over WebSocket: a message for each piece, as it is or in base64. */
export async function streamLog(ports: GatewayPorts, call: ResourceCall, connection: UpgradeConnection): Promise<void> {
  const framing = decideLogFraming(connection.offer);
  if (!framing) throw statusBadRequest(`no common subprotocol with ${connection.offer.subprotocols.join(", ")}`);
  const pieces = await openPodLog(ports, call);
  const webSocket = await connection.acceptWebSocket(framing.subprotocol);
  try {
    for await (const piece of pieces) {
      if (connection.signal.aborted) return;
      await send(webSocket, framing.kind === "base64" ? Buffer.from(piece).toString("base64") : piece);
    }
    webSocket.close(1000);
  } catch (error) {
    // The answer has begun: all that is left to say is that it is not whole.
    if (!connection.signal.aborted) ports.log.error({ err: error }, "a log was cut short");
    webSocket.close(1011);
  }
  if (!connection.signal.aborted) await once(webSocket, "close");
}

function send(webSocket: WebSocket, message: Uint8Array | string): Promise<void> {
  // A send that fails means that the client is gone: the signal says so.
  return new Promise((resolve) => webSocket.send(message, () => resolve()));
}
