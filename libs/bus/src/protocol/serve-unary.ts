import { create, type DescMethodUnary, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ProviderRoute } from "./provider.ts";
import type { ServerCall } from "./server-call.ts";

/** Runs a unary handler to its end and answers. */
export async function serveUnary(call: ServerCall, route: ProviderRoute, request: Message): Promise<void> {
  call.beat(() => ({}));
  try {
    const answer = await call.within(() => route.handler(request, call.context));
    const data = encodeAnswer(route.method as DescMethodUnary, answer);
    const oversize = call.oversize(data);
    if (oversize) call.fail(oversize);
    else call.succeed(data);
  } catch (thrown) {
    call.fail(thrown);
  }
}

/** A handler answers a message, or the fields to make it of. */
export function encodeAnswer(method: { readonly output: DescMethodUnary["output"] }, answer: unknown): Uint8Array {
  return toBinary(method.output, create(method.output, answer as MessageInitShape<typeof method.output>));
}
