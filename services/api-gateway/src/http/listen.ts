import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import { type AddressInfo, Server } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { HttpRequest } from "./read-body.ts";
import type { HttpResponse } from "./send-reply.ts";

export interface ListenOptions {
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Client certificates signed by it name users. */
  readonly clientAuthorityPem: string;
  onRequest(request: HttpRequest, response: HttpResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface Listener extends AsyncDisposable {
  /** The port that was taken, where 0 was asked for. */
  readonly port: number;
}

/** Who is slower holds a connection for nothing. Watches and streams are not meant: they have sent their request. */
const handshakeMs = 10_000;
const headersMs = 30_000;
const requestMs = 120_000;
/** As kube-apiserver's IdleTimeout: a connection without a request. */
const idleMs = 90_000;

/** HTTP/2 for requests and watches, HTTP/1.1 for whoever asks for it and for upgrades; one TLS port. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const server = createSecureServer({
    allowHTTP1: true,
    cert: options.certificatePem,
    key: options.keyPem,
    ca: options.clientAuthorityPem,
    requestCert: true,
    // An unknown certificate is answered 401 with a Status, not with a broken handshake.
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeMs,
    // kube-apiserver's http2-max-streams-per-connection.
    settings: { maxConcurrentStreams: 250 },
  });
  // Only for HTTP/1.1: headers, then the whole request, have to come within this.
  Object.assign(server, { headersTimeout: headersMs, requestTimeout: requestMs });
  server.on(
    "request",
    (request: Http2ServerRequest | IncomingMessage, response: Http2ServerResponse | ServerResponse) =>
      options.onRequest(request, response as HttpResponse),
  );
  server.on("upgrade", options.onUpgrade);
  const connections = trackConnections(server);
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => close(server, connections, options.clock),
  };
}

interface Connections {
  /** Sends what is written and ends; HTTP/2 sessions when their streams have. */
  finish(): void;
  destroy(): void;
}

function trackConnections(server: Http2SecureServer): Connections {
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    endWhenIdle(session);
  });
  return {
    finish: () => {
      for (const session of sessions) session.close();
      for (const socket of sockets) if (socket.alpnProtocol !== "h2") socket.end();
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function endWhenIdle(session: ServerHttp2Session): void {
  let open = 0;
  session.on("stream", (stream) => {
    open += 1;
    stream.on("close", () => {
      open -= 1;
    });
  });
  session.setTimeout(idleMs, () => {
    if (open === 0) session.close();
  });
}

function bind(server: Http2SecureServer, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): PodbusError {
  const message =
    error.code === "EADDRINUSE"
      ? `port ${port} on ${host} is taken by another process: set PODBUS_API_ADDRESS to a free one`
      : `cannot listen on ${host}:${port}: ${error.message}`;
  return new PodbusError({ code: "FAILED_PRECONDITION", reason: error.code ?? "", message, cause: error });
}

/** Everything has been answered by then; clients that do not take it are cut off. */
const finishMs = 500;

async function close(server: Http2SecureServer, connections: Connections, clock: Clock): Promise<void> {
  // The HTTP servers' own close destroys idle HTTP/1.1 connections at once, even with an answer still on its way out.
  const closed = new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()));
  connections.finish();
  const cancelCut = clock.after(finishMs, () => connections.destroy());
  await closed;
  cancelCut();
}
