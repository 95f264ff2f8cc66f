import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { PodbusError } from "@podbus/errors";
import { unreachable } from "./exec-websocket.ts";

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** A connection on which both sides speak what they agreed on in the upgrade. */
export interface UpgradedConnection {
  readonly socket: Socket;
  /** Of the answer: what was agreed on. */
  readonly headers: readonly HttpHeader[];
}

/** Asks the runtime's streaming server for an upgrade, with the headers that a client has sent for it. */
export function upgradeConnection(
  url: string,
  headers: readonly HttpHeader[],
  signal: AbortSignal,
): Promise<UpgradedConnection> {
  return new Promise((resolve, reject) => {
    const webSocket = headers.some(({ name, value }) => name === "upgrade" && value.toLowerCase() === "websocket");
    const call = request(url, { method: webSocket ? "GET" : "POST", signal, headers: gathered(headers) });
    call.on("upgrade", (response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ socket: socket as Socket, headers: pairsOf(response.rawHeaders) });
    });
    call.on("response", (response) => {
      response.destroy();
      const message = `the runtime refused the upgrade: ${response.statusCode} ${response.statusMessage}`;
      reject(new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message }));
    });
    call.on("error", (cause) => reject(unreachable(cause)));
    call.end();
  });
}

/** A header that comes several times stays several headers. */
function gathered(headers: readonly HttpHeader[]): Record<string, string[]> {
  const byName: Record<string, string[]> = {};
  for (const { name, value } of headers) byName[name] = [...(byName[name] ?? []), value];
  return byName;
}

function pairsOf(raw: readonly string[]): HttpHeader[] {
  const pairs: HttpHeader[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push({ name: raw[at] ?? "", value: raw[at + 1] ?? "" });
  return pairs;
}

const connectTimeoutMs = 30_000;

/** TCP to a port of a pod. UNAVAILABLE, in Go's words, if nobody listens. */
export async function connectTo(host: string, port: number): Promise<Socket> {
  // Each side may end its direction while the other one still writes.
  const socket = connect({ host, port, allowHalfOpen: true, timeout: connectTimeoutMs });
  socket.once("timeout", () => socket.destroy(new Error("i/o timeout")));
  try {
    await once(socket, "connect");
    return socket.setTimeout(0);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ECONNREFUSED" ? "connect: connection refused" : message;
    throw new PodbusError({ code: "UNAVAILABLE", message: `dial tcp ${host}:${port}: ${why}`, cause });
  }
}
