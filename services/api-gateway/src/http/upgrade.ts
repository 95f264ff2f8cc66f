import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Status } from "@podbus/kube";
import { type WebSocket, WebSocketServer } from "ws";
import { chooseExecProtocol } from "../domain/exec-channels.ts";
import type { ExecChannel } from "../handlers/exec-in-pod.ts";

/** Answers an upgrade request with a Status instead of upgrading. */
export function refuseUpgrade(socket: Duplex, status: Status, headers: Readonly<Record<string, string>> = {}): void {
  const body = `${JSON.stringify(status)}\n`;
  const lines = [
    `HTTP/1.1 ${status.code ?? 500} ${status.reason || "Error"}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** WebSocket upgrades for remote commands; which subprotocol is decided by domain/exec-channels. */
export class ExecUpgrades {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
    handleProtocols: (offered) => chooseExecProtocol(offered) ?? false,
  });

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, signal: AbortSignal): Promise<ExecChannel> {
    return new Promise((resolve) => {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => resolve(channelOf(webSocket, signal)));
    });
  }
}

function channelOf(webSocket: WebSocket, signal: AbortSignal): ExecChannel {
  // An "error" is always followed by the socket's "close", which aborts the signal; without a listener it would end the process.
  webSocket.on("error", () => webSocket.terminate());
  signal.addEventListener("abort", () => webSocket.close(1001), { once: true });
  webSocket.binaryType = "nodebuffer";
  return {
    protocol: chooseExecProtocol([webSocket.protocol]) ?? "v4.channel.k8s.io",
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
