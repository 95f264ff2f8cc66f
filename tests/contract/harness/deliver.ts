import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Bus } from "@podbus/bus";
import { PodbusError } from "@podbus/errors";
import { expect } from "vitest";
import type { Answer, AnySuite, ExpectedError } from "./contract-suite.ts";
import { readable } from "./readable.ts";

type Caller = (
  request: unknown,
  options?: { timeoutMs: number; signal?: AbortSignal },
) => Promise<Message> | AsyncIterable<Message>;

/** Long enough for a busy machine; a provider that does not answer fails the example, not the whole run. */
const patienceMs = 15_000;

export interface Delivery {
  readonly request: unknown;
  readonly answer: Answer;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One delivery of a request; compares what comes back. */
export async function deliver(
  bus: Bus,
  suite: AnySuite,
  method: DescMethod,
  { request, answer, timeoutMs = patienceMs, signal }: Delivery,
): Promise<Outcome> {
  const client = bus.client(suite.service, suite.target) as unknown as Record<string, Caller>;
  const call = client[method.localName];
  if (!call) throw new Error(`no method ${method.localName}`);
  const outcome = await observe(method, call(request, { timeoutMs, ...(signal ? { signal } : {}) }), answer);
  expect(outcome).toEqual(expectedOutcome(method, answer, outcome.error));
  return outcome;
}

export interface Outcome {
  readonly replies: readonly unknown[];
  readonly error: PodbusError | undefined;
}

async function observe(
  method: DescMethod,
  call: Promise<Message> | AsyncIterable<Message>,
  answer: Answer,
): Promise<Outcome> {
  const replies: unknown[] = [];
  const enough = "replies" in answer && answer.stillOpen ? answer.replies.length : Number.POSITIVE_INFINITY;
  try {
    if (call instanceof Promise) replies.push(readable(method.output, await call));
    else
      for await (const message of call) {
        replies.push(readable(method.output, message));
        if (replies.length >= enough) break;
      }
    return { replies, error: undefined };
  } catch (error) {
    if (!(error instanceof PodbusError)) throw error;
    return { replies, error };
  }
}

/** What the outcome must equal. Of an error only what the example names is compared. */
function expectedOutcome(method: DescMethod, answer: Answer, actual: PodbusError | undefined): unknown {
  if ("reply" in answer) {
    if (method.methodKind !== "unary") throw new Error(`${method.name} is a stream: give replies`);
    return { replies: [answer.reply], error: undefined };
  }
  const replies = "replies" in answer ? answer.replies : [];
  return { replies, error: answer.error ? errorLike(answer.error, actual) : undefined };
}

function errorLike(expected: ExpectedError, actual: PodbusError | undefined): unknown {
  // The message of the error that came shows in the report, whatever the example compares.
  return expect.objectContaining({ ...expected, message: expected.message ?? actual?.message });
}
