import type { OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Negotiated } from "../domain/negotiate-media-type.ts";

/** What a handler answers; the HTTP layer encodes and sends it. */
export type Reply = DocumentReply | BytesReply | StreamReply;

/** A Kubernetes object, as JSON or YAML. */
export interface DocumentReply {
  readonly kind: "document";
  readonly code: number;
  readonly document: object;
  /** Default: JSON. */
  readonly format?: Negotiated["format"];
  /** Default: "application/json" or "application/yaml". */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For Warning headers. */
  readonly warnings?: readonly string[];
}

export interface BytesReply {
  readonly kind: "bytes";
  readonly code: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sent piece by piece with back-pressure; ends when the client leaves. */
export interface StreamReply {
  readonly kind: "stream";
  /** Default: 200. */
  readonly code?: number;
  readonly contentType: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly chunks: AsyncIterable<Uint8Array | string> | Readable;
  /** A client that takes nothing for so long is cut off. Default: it may take its time, as who reads a log does. */
  readonly stalledMs?: number;
}

export function documentReply(document: object, code = 200): DocumentReply {
  return { kind: "document", code, document };
}

export function textReply(text: string, code = 200): BytesReply {
  return { kind: "bytes", code, contentType: "text/plain; charset=utf-8", body: Buffer.from(text) };
}
