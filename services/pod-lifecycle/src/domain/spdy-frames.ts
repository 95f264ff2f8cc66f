/** The part of SPDY/3.1 that a streaming client speaks. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1 */
export type SpdyFrame =
  | { readonly kind: "data"; readonly streamId: number; readonly last: boolean; readonly data: Buffer }
  | { readonly kind: "reset"; readonly streamId: number }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "go-away" }
  /** Replies, settings, windows: nothing that we act on. */
  | { readonly kind: "other" };

const controlTypes = { synStream: 1, reset: 3, ping: 6, goAway: 7 } as const;
const lastFlag = 0x01;
const headerBytes = 8;

/** Takes whole frames from the front of `buffer`; answers them and what is left. */
export function parseFrames(buffer: Buffer): readonly [SpdyFrame[], Buffer] {
  const frames: SpdyFrame[] = [];
  let at = 0;
  while (buffer.length - at >= headerBytes) {
    const length = buffer.readUIntBE(at + 5, 3);
    const end = at + headerBytes + length;
    if (end > buffer.length) break;
    frames.push(parseFrame(buffer.subarray(at, at + headerBytes), buffer.subarray(at + headerBytes, end)));
    at = end;
  }
  return [frames, buffer.subarray(at)];
}

function parseFrame(header: Buffer, payload: Buffer): SpdyFrame {
  const first = header.readUInt32BE(0);
  if (first < 0x80000000)
    return { kind: "data", streamId: first, last: (header.readUInt8(4) & lastFlag) !== 0, data: payload };
  switch (first & 0xffff) {
    case controlTypes.reset:
      return { kind: "reset", streamId: payload.readUInt32BE(0) & 0x7fffffff };
    case controlTypes.ping:
      return { kind: "ping", id: payload.readUInt32BE(0) };
    case controlTypes.goAway:
      return { kind: "go-away" };
    default:
      return { kind: "other" };
  }
}

export function dataFrame(streamId: number, data: Uint8Array, last: boolean): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(streamId, 0);
  header.writeUInt8(last ? lastFlag : 0, 4);
  header.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([header, data]);
}

export function pingFrame(id: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(id, 0);
  return controlFrame(controlTypes.ping, payload);
}

/** Opens a stream; `headers`: a block that headerBlock() made and the connection's compressor compressed. */
export function synStreamFrame(streamId: number, headers: Uint8Array): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt32BE(streamId, 0);
  return controlFrame(controlTypes.synStream, Buffer.concat([fixed, headers]));
}

function controlFrame(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(0x8003, 0);
  header.writeUInt16BE(type, 2);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

/** Name/value pairs, not compressed yet. */
export function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  return Buffer.concat([uint32(entries.length), ...entries.flatMap(([name, value]) => [sized(name), sized(value)])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

const dictionaryWords =
  "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status";
const dictionaryTail =
  "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

/** What both sides prime their compressor with (section 2.6.10.1). */
export const headerDictionary: Buffer = Buffer.concat([
  ...[
    ...dictionaryWords.split(" "),
    "200 OK",
    "version",
    "HTTP/1.1",
    "url",
    "public",
    "set-cookie",
    "keep-alive",
    "origin",
  ].map(sized),
  Buffer.from(dictionaryTail),
]);
