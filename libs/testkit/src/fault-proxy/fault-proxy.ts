import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault, FaultRule } from "./fault.ts";
import { type SeenRequest, seenRequest } from "./seen-request.ts";

export interface FaultProxy extends AsyncDisposable {
  /** "127.0.0.1:41234": the first part of an image's name. */
  readonly host: string;
  readonly url: string;
  /** Of rules that hold at the same time, the last one wins. */
  inject(rule: FaultRule): void;
  /** All faults are over. */
  heal(): void;
  /** Everything asked since the last time this was called. */
  takeRequests(): readonly SeenRequest[];
  /** Requests whose client still waits. */
  readonly open: number;
}

export interface FaultProxyOptions {
  /** The registry behind it. Without one, all that no rule is for is answered 404: a token service, or a stranger. */
  readonly registryUrl?: string;
  /** Default 127.0.0.1. Clients take two ports of one address for the same host; 127.0.0.2 is another one. */
  readonly address?: string;
}

interface Rule extends FaultRule {
  used: number;
}

/** Stands in front of a registry, passes on what it is asked, writes down who asked, and does wrong as it is told. */
export async function startFaultProxy(options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const { registryUrl, address = "127.0.0.1" } = options;
  let rules: Rule[] = [];
  let seen: SeenRequest[] = [];
  const waiting = new Set<ServerResponse>();

  const faultFor = (request: SeenRequest): Fault | undefined => {
    const rule = rules.findLast(({ when, times, used }) => (when?.(request) ?? true) && used < (times ?? Infinity));
    if (rule) rule.used += 1;
    return rule?.fault;
  };
  const server = createServer((incoming, response) => {
    waiting.add(response);
    response.once("close", () => waiting.delete(response));
    answer({ incoming, response, registryUrl }).catch(() => response.destroy());
  });
  const answer = async (exchange: Exchange) => {
    const request = await seenRequest(exchange.incoming);
    seen.push(request);
    await handle(exchange, faultFor(request));
  };
  server.listen(0, address);
  await once(server, "listening");
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    inject: (rule) => {
      rules.push({ ...rule, used: 0 });
    },
    heal: () => {
      rules = [];
    },
    takeRequests: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    get open() {
      return waiting.size;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly registryUrl: string | undefined;
}

async function handle(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  const { response } = exchange;
  switch (fault?.kind) {
    case "hang":
      return;
    case "drop":
      response.destroy();
      return;
    case "answer":
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    default:
      await send(response, await askRegistry(exchange), fault);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

async function askRegistry({ incoming, registryUrl }: Exchange): Promise<Answer> {
  if (registryUrl === undefined) return { status: 404, headers: {}, body: Buffer.alloc(0) };
  const headers = new Headers();
  for (const name of ["accept", "authorization", "range"]) {
    const value = incoming.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const answer = await fetch(registryUrl + incoming.url, { method: incoming.method ?? "GET", headers });
  const kept = [...answer.headers].filter(([name]) => /^(content-|docker-|www-authenticate$)/.test(name));
  return { status: answer.status, headers: Object.fromEntries(kept), body: Buffer.from(await answer.arrayBuffer()) };
}

type AnswerFault = Extract<Fault, { kind: "alter" | "cut" | "slow" | "halt" }>;

async function send(response: ServerResponse, answer: Answer, fault: AnswerFault | undefined): Promise<void> {
  const { status, headers, body } = answer;
  const { socket } = response;
  switch (fault?.kind) {
    case undefined:
      response.writeHead(status, headers).end(body);
      return;
    case "alter":
      response.writeHead(status, { ...headers, ...fault.headers });
      // A body shorter than announced is only noticed once the connection is closed.
      response.end(fault.body?.(body) ?? body, () => socket?.destroy());
      return;
    case "cut":
      response.writeHead(status, headers);
      response.write(body.subarray(0, fault.afterBytes), () => socket?.destroy());
      return;
    case "slow":
      response.writeHead(status, headers);
      await drip(response, body, fault);
      return;
    case "halt":
      response.writeHead(status, headers);
      await halt(response, body, fault);
  }
}

async function drip(
  response: ServerResponse,
  body: Buffer,
  { chunkBytes, everyMs }: Extract<Fault, { kind: "slow" }>,
): Promise<void> {
  for (let at = 0; at < body.length && !response.closed; at += chunkBytes) {
    response.write(body.subarray(at, at + chunkBytes));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end();
}

async function halt(
  response: ServerResponse,
  body: Buffer,
  { fromBytes, until }: Extract<Fault, { kind: "halt" }>,
): Promise<void> {
  const middle = body.length < fromBytes ? 0 : body.length / 2;
  if (middle > 0) {
    response.write(body.subarray(0, middle));
    await until;
  }
  response.end(body.subarray(middle));
}
