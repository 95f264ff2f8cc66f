import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Status } from "@podbus/kube";
import { type WebSocket, WebSocketServer } from "ws";
import type { HttpHeader } from "../adapters/tunnel-stream.ts";
import { parseUpgradeOffer, type UpgradeOffer } from "../domain/upgrade-offer.ts";

/** Answers an upgrade request with a Status instead of upgrading. */
export function refuseUpgrade(socket: Duplex, status: Status): void {
  const body = `${JSON.stringify(status)}\n`;
  const lines = [
    `HTTP/1.1 ${status.code ?? 500} ${status.reason || "Error"}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Headers by which client and server agree on an upgrade; no other header of a client leaves the gateway. */
const upgradeHeaders = new Set([
  "connection",
  "upgrade",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "sec-websocket-accept",
  "x-stream-protocol-version",
]);

/** Subprotocols that carry a credential are for the gateway alone. */
const credential = /^base64url\.bearer\.authorization\.k8s\.io\./;

/** A client's connection that has asked for an upgrade and got no answer yet. */
export class UpgradeConnection {
  readonly offer: UpgradeOffer;
  /** Aborted when the client is gone or the gateway stops. */
  readonly signal: AbortSignal;
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #head: Buffer;

  constructor(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }, signal: AbortSignal) {
    this.#request = request;
    this.#socket = socket;
    this.#head = head;
    this.signal = signal;
    const { upgrade, "sec-websocket-protocol": subprotocols } = request.headers;
    this.offer = parseUpgradeOffer(upgrade, withoutCredentials(subprotocols));
  }

  /** What the client says about the upgrade, for whoever it is passed on to. */
  headers(): HttpHeader[] {
    const { rawHeaders } = this.#request;
    const headers: HttpHeader[] = [];
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const name = (rawHeaders[at] ?? "").toLowerCase();
      const value = rawHeaders[at + 1] ?? "";
      if (!upgradeHeaders.has(name)) continue;
      headers.push({ name, value: name === "sec-websocket-protocol" ? withoutCredentials(value) : value });
    }
    return headers;
  }

  /** Answers that both switch protocols, with what the other end has answered; from then on bytes pass as they are. */
  acceptAs(answered: readonly HttpHeader[]): Duplex {
    const lines = answered
      .filter(({ name }) => upgradeHeaders.has(name.toLowerCase()))
      .map(({ name, value }) => `${name}: ${value}`);
    this.#socket.write(["HTTP/1.1 101 Switching Protocols", ...lines, "", ""].join("\r\n"));
    if (this.#head.length > 0) this.#socket.unshift(this.#head);
    return this.#socket;
  }

  acceptWebSocket(subprotocol: string): Promise<WebSocket> {
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 16 * 1024 * 1024 });
    // ws reads subprotocols by the letter of RFC 6455, which allows no "/"; Kubernetes' "SPDY/3.1+…" has one. So it is
    // neither shown the client's offer nor asked to choose: that was done before.
    delete this.#request.headers["sec-websocket-protocol"];
    if (subprotocol !== "") server.on("headers", (lines) => lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`));
    return new Promise((resolve) => {
      server.handleUpgrade(this.#request, this.#socket, this.#head, (webSocket) => {
        // An "error" is always followed by the socket's "close"; without a listener it would end the process.
        webSocket.on("error", () => webSocket.terminate());
        this.signal.addEventListener("abort", () => webSocket.close(1001), { once: true });
        webSocket.binaryType = "nodebuffer";
        resolve(webSocket);
      });
    });
  }
}

function withoutCredentials(subprotocols: string | undefined): string {
  const names = (subprotocols ?? "").split(",").map((name) => name.trim());
  return names.filter((name) => !credential.test(name)).join(", ");
}
