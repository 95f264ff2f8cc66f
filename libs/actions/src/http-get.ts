import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, isIP } from "node:net";
import { PodbusError } from "@podbus/errors";
import type { HttpRequest } from "./check-action.ts";
import { type Bounds, cancelled, type Reach } from "./dial-tcp.ts";
import { dialFailure, exchangeFailure, joinHostPort } from "./go-text.ts";
import { isMetadataAddress, lookupOutside, MetadataAddressError } from "./metadata-addresses.ts";
import { userAgent } from "./user-agent.ts";

export interface HttpGetOptions extends Bounds, Reach {
  /** "probe" or "lifecycle": a part of the User-Agent. */
  readonly purpose: "probe" | "lifecycle";
}

export interface HttpReply {
  readonly status: number;
  /** At most 10 KiB of it. */
  readonly body: string;
}

/** Kubernetes: pkg/probe/http/http.go, maxRespBodyLength. */
export const maxBodyBytes = 10 * 1024;
const maxRedirects = 10;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where one exchange goes; a redirect gives the next one. */
interface Location {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/**
 * GETs from the node: certificates are not verified, the connection is not kept. Redirects within the host are followed
 * (at most 10), one to another host is the answer itself. Throws UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED where there
 * is no answer. Rules: Kubernetes pkg/probe/http/{http,request}.go.
 */
export async function httpGet(action: HttpRequest, options: HttpGetOptions): Promise<HttpReply> {
  const { clock, timeoutMs, signal } = options;
  const limit = new AbortController();
  const onAbort = () => limit.abort(cancelled(signal));
  const stopTimer = clock.after(timeoutMs, () => limit.abort(timedOut()));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const how = { headers: headersOf(action, options.purpose), limit: limit.signal, metadata: options.metadata };
  try {
    return await followed(action, how);
  } finally {
    stopTimer();
    signal.removeEventListener("abort", onAbort);
  }
}

interface How {
  readonly headers: OutgoingHttpHeaders;
  readonly limit: AbortSignal;
  readonly metadata: Reach["metadata"];
}

async function followed(action: HttpRequest, how: How): Promise<HttpReply> {
  let at: Location = { ...action, path: requestPath(action.path) };
  for (let redirects = 0; ; redirects++) {
    const { reply, location } = await exchange(at, how);
    const next = location === undefined ? undefined : nextLocation(at, location);
    if (!next || next.host !== action.host) return reply;
    if (redirects === maxRedirects) throw unavailable(next, "stopped after 10 redirects", undefined);
    at = next;
  }
}

interface Exchanged {
  readonly reply: HttpReply;
  /** Where the server sends us, if it does. */
  readonly location: string | undefined;
}

async function exchange(at: Location, how: How): Promise<Exchanged> {
  const { limit } = how;
  let response: IncomingMessage | undefined;
  try {
    response = await respond(at, how);
    const status = response.statusCode ?? 0;
    const location = redirectStatuses.has(status) ? response.headers.location : undefined;
    return { reply: { status, body: await readBody(response, limit) }, location };
  } catch (error) {
    throw explained(error, at, limit, response !== undefined);
  } finally {
    response?.destroy();
  }
}

function respond(at: Location, { headers, limit, metadata }: How): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (limit.aborted) return reject(limit.reason);
    if (metadata !== "allowed" && isMetadataAddress(at.host)) return reject(new MetadataAddressError(at.host));
    const send = at.scheme === "https" ? httpsRequest : httpRequest;
    const target = { host: at.host, port: at.port, ...(metadata === "allowed" ? {} : { lookup: lookupOutside }) };
    const request = send({
      ...target,
      path: at.path,
      headers,
      // Nothing is kept, so an agent would only cost.
      ...(at.scheme === "https" ? { agent: false } : { createConnection: () => connect(target) }),
      rejectUnauthorized: false,
      // Go names the host of the URL in the handshake, not that of a Host header; an address is not named.
      servername: isIP(at.host) ? "" : at.host,
    });
    // The option `signal` and iterating the body would do the same for twice the processor time: it is one attempt of hundreds.
    const onAbort = () => request.destroy(limit.reason);
    limit.addEventListener("abort", onAbort, { once: true });
    request.on("close", () => limit.removeEventListener("abort", onAbort));
    request.on("response", resolve);
    request.on("error", reject);
    request.end();
  });
}

/** The first bytes are enough; what the server would still send is not waited for. */
function readBody(response: IncomingMessage, limit: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = () => resolve(Buffer.concat(chunks).subarray(0, maxBodyBytes).toString("utf8"));
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxBodyBytes) end();
    });
    response.on("end", end);
    response.on("error", (error) => reject(limit.aborted ? limit.reason : error));
  });
}

function explained(error: unknown, at: Location, limit: AbortSignal, reading: boolean): PodbusError {
  const reason: unknown = limit.aborted ? limit.reason : undefined;
  if (!(reason instanceof PodbusError)) return unavailable(at, dialFailure(error, at) ?? exchangeFailure(error), error);
  if (reason.code !== "DEADLINE_EXCEEDED") return reason;
  const what = reading
    ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
    : `Get "${textOf(at)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return new PodbusError({ code: "DEADLINE_EXCEEDED", message: what });
}

function unavailable(at: Location, message: string, cause: unknown): PodbusError {
  return new PodbusError({ code: "UNAVAILABLE", message: `Get "${textOf(at)}": ${message}`, cause });
}

function timedOut(): PodbusError {
  return new PodbusError({ code: "DEADLINE_EXCEEDED", message: "context deadline exceeded" });
}

function textOf(at: Location): string {
  return `${at.scheme}://${joinHostPort(at.host, at.port)}${at.path}`;
}

/** Undefined where the server sends us to what is no http URL: then its answer is the answer. */
function nextLocation(from: Location, location: string): Location | undefined {
  const base = textOf(from);
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { scheme, host: url.hostname.replace(/^\[|\]$/g, ""), port, path: `${url.pathname}${url.search}` };
}

/** A path as users write it: with a slash in front, escaped where it has to be, without a fragment. */
export function requestPath(path: string): string {
  const [beforeFragment = ""] = path.split("#", 1);
  const rooted = beforeFragment.startsWith("/") ? beforeFragment : `/${beforeFragment}`;
  return rooted.replace(/[^\x21-\x7e]|["<>\\^`{|}]|%(?![0-9a-fA-F]{2})/gu, (character) =>
    encodeURIComponent(character.toWellFormed()),
  );
}

/** Those that Go's client takes from elsewhere than the header list. */
const ignoredHeaders: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "trailer", "connection"]);

function headersOf(action: HttpRequest, purpose: HttpGetOptions["purpose"]): OutgoingHttpHeaders {
  const headers = new Map<string, { name: string; values: string[] }>();
  for (const { name, value } of action.headers) {
    const known = headers.get(name.toLowerCase());
    if (known) known.values.push(value);
    else headers.set(name.toLowerCase(), { name, values: [value] });
  }
  const own = { "User-Agent": userAgent(purpose), Accept: "*/*" };
  for (const [name, value] of Object.entries(own)) {
    const given = headers.get(name.toLowerCase());
    if (!given) headers.set(name.toLowerCase(), { name, values: [value] });
    else if (given.values[0] === "") headers.delete(name.toLowerCase());
  }
  const sent = [...headers].filter(
    ([key, { values }]) => !ignoredHeaders.has(key) && !(key === "host" && values[0] === ""),
  );
  return Object.fromEntries(sent.map(([key, { name, values }]) => [name, key === "host" ? values[0] : values]));
}
