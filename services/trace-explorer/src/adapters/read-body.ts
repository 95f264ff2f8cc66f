import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** A refusal with the HTTP status that tells it. */
export class BodyError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const gunzipAsync = promisify(gunzip);

/** The request's body, unpacked; at most `maxBytes` packed and unpacked. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const packed = await readRaw(request, maxBytes);
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return packed;
  if (encoding !== "gzip") throw new BodyError(415, `content-encoding ${encoding} is not supported: use gzip`);
  try {
    return await gunzipAsync(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new BodyError(400, "the body is not gzip");
  }
}

async function readRaw(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed at a refusal: its answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (maxBytes: number) => new BodyError(413, `the body is larger than ${maxBytes} bytes`);
