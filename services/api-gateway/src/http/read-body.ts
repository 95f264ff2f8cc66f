import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { statusTimeout } from "@podbus/kube";

export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** kube-apiserver's limit of a request body (server/config.go MaxRequestBodyBytes). */
export const maxBodyBytes = 3 * 1024 * 1024;
/** And its request-timeout. */
const timeoutMs = 60_000;
/** For the answer to get out before the connection is closed. */
const farewellMs = 1_000;

/** The whole body; 413 as soon as it is known to be too long, 504 where it does not come within a minute. */
export async function readBody(request: HttpRequest, clock: Clock): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw bodyTooLarge();
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => {
    late.reject(statusTimeout("request did not complete within requested timeout - context deadline exceeded"));
    clock.after(farewellMs, () => request.destroy());
  });
  try {
    return await Promise.race([collect(request), late.promise]);
  } finally {
    cancel();
  }
}

async function collect(request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroying the request would reset the connection before the client has read the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBodyBytes) throw bodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function bodyTooLarge(): PodbusError {
  return new PodbusError({
    code: "RESOURCE_EXHAUSTED",
    reason: "RequestEntityTooLarge",
    message: `Request entity too large: limit is ${maxBodyBytes}`,
  });
}
