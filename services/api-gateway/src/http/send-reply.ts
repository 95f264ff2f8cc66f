import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import type { Writable } from "node:stream";
import { setImmediate as letOthersRun } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "@podbus/clock";
import { stringify } from "yaml";
import { piecesOf } from "../domain/pieces-of.ts";
import type { DocumentReply, Reply, StreamReply } from "./reply.ts";

/** What HTTP/1.1's and HTTP/2's responses have in common. */
export interface HttpResponse extends Writable {
  writeHead(code: number, headers: OutgoingHttpHeaders): unknown;
  flushHeaders(): void;
  readonly headersSent: boolean;
}

export interface SendOptions {
  readonly acceptsGzip: boolean;
  /** Sent with every reply. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** How long a client may take nothing of a whole answer, which waits for it in memory; kube-apiserver's --request-timeout. */
const stalledBodyMs = 60_000;
/** Larger answers go in pieces, each of which the client has to take in that time. */
const pieceBytes = 256 * 1024;

/** As kube-apiserver: smaller answers are not worth the work (endpoints/handlers/responsewriters/writers.go). */
const gzipFromBytes = 128 * 1024;
/** A list may be large; level 1 is several times cheaper than the default and nearly as small. */
const gzipOptions = { level: 1 };
const compress = promisify(gzip);

export async function sendReply(response: HttpResponse, reply: Reply, options: SendOptions): Promise<void> {
  switch (reply.kind) {
    case "stream":
      return sendStream(response, reply, options);
    case "bytes":
      return sendBody(
        response,
        reply.code,
        { "content-type": reply.contentType, ...reply.headers },
        reply.body,
        options,
      );
    case "document":
      return sendBody(response, reply.code, documentHeaders(reply), await encodeDocument(reply), options);
  }
}

function documentHeaders(reply: DocumentReply): OutgoingHttpHeaders {
  const warnings = reply.warnings ?? [];
  return {
    "content-type": reply.contentType ?? (reply.format === "yaml" ? "application/yaml" : "application/json"),
    // Several Warning headers are allowed, whatever Node's type of this one says.
    ...((warnings.length > 0 ? { warning: warnings.map(warningHeader) } : {}) as OutgoingHttpHeaders),
    ...reply.headers,
  };
}

/** RFC 7234: code 299, an unnamed agent, a quoted text (apimachinery/pkg/util/net/http.go NewWarningHeader). */
function warningHeader(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a header must not contain them
  const clean = text.replace(/[\u0000-\u001f\u007f-\uffff]/g, " ");
  return `299 - "${clean.replace(/(["\\])/g, "\\$1")}"`;
}

async function encodeDocument({ document, format }: DocumentReply): Promise<Buffer> {
  if (format === "yaml") return Buffer.from(stringify(document));
  const [name, entries] = longListOf(document) ?? [];
  if (name === undefined || entries === undefined) return Buffer.from(`${JSON.stringify(document)}\n`);
  // The rest of a list or table is its kind and metadata, never nothing.
  const { [name]: _, ...rest } = document as Record<string, unknown>;
  const parts = [Buffer.from(`${JSON.stringify(rest).slice(0, -1)},${JSON.stringify(name)}:[`)];
  for (let from = 0; from < entries.length; from += entriesAtOnce) {
    const texts = entries.slice(from, from + entriesAtOnce).map((entry) => JSON.stringify(entry));
    parts.push(Buffer.from(`${from === 0 ? "" : ","}${texts.join(",")}`));
    await letOthersRun();
  }
  return Buffer.concat([...parts, Buffer.from("]}\n")]);
}

/** So many take a few milliseconds; a whole long list would hold up everybody for a tenth of a second and more. */
const entriesAtOnce = 250;

/** The items of a list or the rows of a table that are many. */
function longListOf(document: object): readonly [string, readonly unknown[]] | undefined {
  for (const [name, value] of Object.entries(document)) {
    if ((name === "items" || name === "rows") && Array.isArray(value) && value.length > entriesAtOnce) {
      return [name, value];
    }
  }
  return undefined;
}

async function sendBody(
  response: HttpResponse,
  code: number,
  headers: OutgoingHttpHeaders,
  body: Uint8Array,
  options: SendOptions,
): Promise<void> {
  const zipped = options.acceptsGzip && body.length >= gzipFromBytes;
  const bytes = zipped ? await compress(body, gzipOptions) : body;
  if (options.signal.aborted) return;
  response.writeHead(code, {
    "cache-control": "no-cache, private",
    ...(zipped ? { "content-encoding": "gzip", vary: "Accept-Encoding" } : {}),
    ...headers,
    ...options.headers,
    // Of a 304 it would be the length of what the client has already.
    ...(code === 304 ? {} : { "content-length": bytes.length }),
  });
  const pieces = { ...options, stalledMs: stalledBodyMs };
  if (bytes.length > pieceBytes) await sendPieces(response, piecesOf(bytes, pieceBytes), pieces);
  else await unlessStalled(response, pieces, () => finish(response, bytes));
}

async function sendStream(response: HttpResponse, reply: StreamReply, options: SendOptions): Promise<void> {
  response.writeHead(reply.code ?? 200, {
    "cache-control": "no-cache, private",
    "content-type": reply.contentType,
    ...reply.headers,
    ...options.headers,
  });
  response.flushHeaders();
  const { stalledMs } = reply;
  await sendPieces(response, reply.chunks, { ...options, ...(stalledMs === undefined ? {} : { stalledMs }) });
}

interface PieceOptions extends Pick<SendOptions, "signal" | "clock"> {
  /** A client that takes nothing for so long is cut off. */
  readonly stalledMs?: number;
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** As fast as the client takes them. */
async function sendPieces(response: HttpResponse, pieces: Pieces, options: PieceOptions): Promise<void> {
  for await (const piece of pieces) {
    if (options.signal.aborted) break;
    if (!response.write(piece)) await unlessStalled(response, options, () => drained(response, options.signal));
  }
  await unlessStalled(response, options, () => finish(response));
}

/** Destroying the response is as if the client had left: what waits for it ends. */
async function unlessStalled(
  response: HttpResponse,
  { clock, stalledMs }: PieceOptions,
  wait: () => Promise<void>,
): Promise<void> {
  if (stalledMs === undefined) return wait();
  const cancel = clock.after(stalledMs, () => response.destroy());
  try {
    await wait();
  } finally {
    cancel();
  }
}

/** Resolves when the last byte is handed to the system, or the client is gone. */
function finish(response: HttpResponse, bytes?: Uint8Array): Promise<void> {
  // HTTP/1.1's response tells of its end only once.
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once("close", resolve);
    if (bytes) response.end(bytes, resolve);
    else response.end(resolve);
  });
}

async function drained(response: HttpResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, "drain", { signal });
  } catch (error) {
    // The client has left: the loop above sees it and stops.
    if (!signal.aborted) throw error;
  }
}
