import { JsHeaders } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/nats-core";

/** What a push consumer sends to its subject. */
export type FeedMessage =
  | {
      readonly kind: "data";
      readonly subject: string;
      readonly payload: Uint8Array;
      readonly streamSequence: number;
      readonly deliverySequence: number;
      readonly timeMs: number;
      readonly pending: number;
    }
  /** `stalled`: the consumer waits for an answer on this subject before it goes on. */
  | { readonly kind: "heartbeat"; readonly deliverySequence: number; readonly stalled: string }
  | { readonly kind: "flow-control" }
  | { readonly kind: "ended"; readonly status: string };

const idle = 100;

export function readFeedMessage(message: Msg): FeedMessage {
  const { headers } = message;
  if (headers && headers.code > 0 && message.data.length === 0) return statusMessage(message, headers.code);
  return dataMessage(message);
}

function statusMessage(message: Msg, code: number): FeedMessage {
  const description = message.headers?.description ?? "";
  if (code !== idle) return { kind: "ended", status: `${code} ${description}` };
  if (message.reply) return { kind: "flow-control" };
  const deliverySequence = Number(message.headers?.get(JsHeaders.LastConsumerSeqHdr) || 0);
  return { kind: "heartbeat", deliverySequence, stalled: message.headers?.get(JsHeaders.ConsumerStalledHdr) ?? "" };
}

/** The reply subject tells where a message stands (ADR-15): nine tokens, or eleven and more with domain and account. */
function dataMessage(message: Msg): FeedMessage {
  const tokens = (message.reply ?? "").split(".");
  const offset = tokens.length === 9 ? 5 : 7;
  const [stream = Number.NaN, delivery = Number.NaN, nanos = Number.NaN, pending = Number.NaN] = tokens
    .slice(offset, offset + 4)
    .map(Number);
  if (Number.isNaN(stream + delivery + nanos + pending)) return { kind: "ended", status: "not a JetStream message" };
  return {
    kind: "data",
    subject: message.subject,
    payload: message.data,
    streamSequence: stream,
    deliverySequence: delivery,
    timeMs: Math.floor(nanos / 1e6),
    pending,
  };
}
