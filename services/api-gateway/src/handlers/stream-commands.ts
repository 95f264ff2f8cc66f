import { statusBadRequest } from "@podbus/kube";
import type { WebSocket } from "ws";
import { splice } from "../adapters/splice.ts";
import { openTunnel } from "../adapters/tunnel-stream.ts";
import type { ExecProtocol } from "../domain/exec-channels.ts";
import { decideCommandSession } from "../domain/upgrade-offer.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { UpgradeConnection } from "../http/upgrade-connection.ts";
import type { GatewayPorts } from "../ports.ts";
import { type ExecChannel, execInPod, findExecTarget } from "./exec-in-pod.ts";

/** pods/NAME/exec and attach: the streams of a process in a container, for old and new clients. */
export async function streamCommand(
  ports: GatewayPorts,
  call: ResourceCall,
  connection: UpgradeConnection,
): Promise<void> {
  const target = await findExecTarget(ports, call);
  const session = decideCommandSession(connection.offer);
  if (session.kind === "framed") {
    const webSocket = await connection.acceptWebSocket(session.protocol);
    return execInPod(ports, target, channelOf(webSocket, session.protocol, connection.signal));
  }
  if (session.kind !== "spliced") throw statusBadRequest(session.kind === "refused" ? session.message : session.kind);
  const { stdin, stdout, stderr, tty, command } = target.options;
  const container = { containerName: target.container, command: [...command], attach: target.attach };
  const value = { ...container, stdin, stdout, stderr, tty };
  const upgrade = { headers: connection.headers(), session: { case: "container" as const, value } };
  const request = { pod: target.ref, target: { case: "upgrade" as const, value: upgrade } };
  const tunnel = await openTunnel(ports.podLifecycle(target.node), request, connection.signal);
  await splice(connection.acceptAs(tunnel.headers), tunnel.stream);
}

function channelOf(webSocket: WebSocket, protocol: ExecProtocol, signal: AbortSignal): ExecChannel {
  return {
    protocol,
    signal,
    send: (message) =>
      new Promise((resolve) => {
        // A send that fails means that the client is gone: `signal` says so.
        webSocket.send(message, { binary: true }, () => resolve());
      }),
    onMessage: (listener) => webSocket.on("message", (data) => listener(data as Buffer)),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: () => webSocket.close(1000),
  };
}
