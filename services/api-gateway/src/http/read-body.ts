import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { PodbusError } from "@podbus/errors";

export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** kube-apiserver's limit of a request body (server/config.go MaxRequestBodyBytes). */
export const maxBodyBytes = 3 * 1024 * 1024;

/** The whole body, or 413 as soon as it is known to be too long. */
export async function readBody(request: HttpRequest, limit = maxBodyBytes): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw bodyTooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroying the request would reset the connection before the client has read the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw bodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function bodyTooLarge(limit: number): PodbusError {
  return new PodbusError({
    code: "RESOURCE_EXHAUSTED",
    reason: "RequestEntityTooLarge",
    message: `Request entity too large: limit is ${limit}`,
  });
}
