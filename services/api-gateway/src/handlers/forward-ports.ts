import { type Pod, statusBadRequest, statusNotFound } from "@podbus/kube";
import { createWebSocketStream } from "ws";
import { splice } from "../adapters/splice.ts";
import { type HttpHeader, openTunnel } from "../adapters/tunnel-stream.ts";
import { decidePortForwardSession } from "../domain/upgrade-offer.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { UpgradeConnection } from "../http/upgrade-connection.ts";
import { podKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

/** What a client of SPDY would have said; within WebSocket it says nothing. */
const spdyHeaders: readonly HttpHeader[] = [
  { name: "connection", value: "Upgrade" },
  { name: "upgrade", value: "SPDY/3.1" },
  { name: "x-stream-protocol-version", value: "portforward.k8s.io" },
];

/** pods/NAME/portforward: the runtime connects to ports inside the pod's network, localhost included. */
export async function forwardPorts(
  ports: GatewayPorts,
  call: ResourceCall,
  connection: UpgradeConnection,
): Promise<void> {
  const wanted = portsOf(call.query);
  const { pod, node } = await findRunningPod(ports, call);
  const session = decidePortForwardSession(connection.offer);
  if (session.kind === "refused" || session.kind === "framed") {
    throw statusBadRequest(session.kind === "refused" ? session.message : session.protocol);
  }
  const tunnelled = session.kind === "spdy-in-websocket";
  const upgrade = {
    headers: tunnelled ? [...spdyHeaders] : connection.headers(),
    session: { case: "portForward" as const, value: { ports: wanted } },
  };
  const request = { pod, target: { case: "upgrade" as const, value: upgrade } };
  const tunnel = await openTunnel(ports.podLifecycle(node), request, connection.signal);
  if (tunnelled) {
    const webSocket = await connection.acceptWebSocket(session.subprotocol);
    await splice(createWebSocketStream(webSocket), tunnel.stream);
  } else await splice(connection.acceptAs(tunnel.headers), tunnel.stream);
}

/** Only WebSocket's classic form names them in advance (kubelet/pkg/cri/streaming/portforward/websocket.go). */
function portsOf(query: URLSearchParams): number[] {
  return query
    .getAll("ports")
    .flatMap((text) => text.split(","))
    .filter((text) => text !== "")
    .map((text) => {
      const port = Number(text);
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw statusBadRequest(`invalid port ${JSON.stringify(text)}`);
      return port;
    });
}

async function findRunningPod(ports: GatewayPorts, call: ResourceCall) {
  const { namespace, name } = call.info;
  const found = await readFresh<Pod>(ports.store, podKey(namespace, name), call.signal);
  if (!found) throw statusNotFound("pods", name);
  const { spec, metadata } = found.value;
  if (!spec.nodeName) throw statusBadRequest(`pod ${name} does not have a host assigned`);
  return { pod: { namespace, name, uid: metadata.uid ?? "" }, node: spec.nodeName };
}
