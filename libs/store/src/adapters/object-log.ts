import { randomUUID } from "node:crypto";
import { type JetStreamClient, type JetStreamManager, PubHeaders, type StoredMsg } from "@nats-io/jetstream";
import { errors, type MsgHdrs } from "@nats-io/nats-core";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { unavailable } from "../domain/store-errors.ts";
import { decideOutcome, type WriteTrace } from "../domain/write-outcome.ts";
import type { ConnectionEvents } from "./connection-events.ts";
import { apiCodes, isApiError } from "./object-stream.ts";
import { mayPass, retrying } from "./retrying.ts";

export interface ObjectLogOptions {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly events: ConnectionEvents;
  readonly clock: Clock;
  readonly stream: string;
  /** Aborted when the store is closed. */
  readonly signal: AbortSignal;
}

export interface LogEntry {
  readonly revision: number;
  readonly payload: Uint8Array;
}

export interface StreamEnd {
  readonly lastRevision: number;
  /** Tells a stream from another one of the same name. */
  readonly created: string;
}

/** How long a write may take to be decided, through reconnects; and any other request. */
export const writeDeadlineMs = 10_000;
const attemptTimeoutMs = 2_000;

type Attempt =
  | { readonly kind: "written"; readonly revision: number }
  | { readonly kind: "refused" }
  | { readonly kind: "not-written" | "unknown"; readonly cause: unknown };

/** The bucket's stream as a log with compare-and-set by subject. All reads are answered by the stream's leader. */
export class ObjectLog {
  readonly #options: ObjectLogOptions;

  constructor(options: ObjectLogOptions) {
    this.#options = options;
  }

  /**
   * Appends if `expected` is the sequence of the subject's last message (0: none); answers the new sequence, or
   * "refused" if it is not. A write whose answer was lost is sent again under the same id: the server knows the id,
   * and the compare-and-set lets only one of them in, so the second answer tells what became of the first.
   * UNAVAILABLE when that could not be found out in time; its message says whether the write may have landed.
   */
  async append(subject: string, payload: Uint8Array | string, expected: number): Promise<number | "refused"> {
    const { clock, signal } = this.#options;
    const write: WriteTrace = { writeId: randomUUID(), expected };
    const untilMs = clock.monotonic() + writeDeadlineMs;
    let uncertain = false;
    for (let delayMs = 10; ; delayMs = Math.min(delayMs * 2, 500)) {
      const attempt = await this.#publish(subject, payload, write);
      if (attempt.kind === "written") return attempt.revision;
      if (attempt.kind === "refused") return uncertain ? await this.#outcome(subject, write) : "refused";
      uncertain ||= attempt.kind === "unknown";
      if (clock.monotonic() + delayMs >= untilMs) throw undecided(uncertain, attempt.cause);
      await clock.sleep(delayMs, signal).catch((closed: unknown) => {
        throw undecided(uncertain, closed);
      });
    }
  }

  /** The last message of a subject. */
  async last(subject: string): Promise<LogEntry | undefined> {
    const message = await this.#read("reading an object", { last_by_subj: subject });
    return message ? { revision: message.seq, payload: message.data } : undefined;
  }

  async end(): Promise<StreamEnd> {
    const { manager, stream } = this.#options;
    const info = await this.#retry("reading the newest revision", () => manager.streams.info(stream));
    return { lastRevision: info.state.last_seq, created: info.created };
  }

  /** Removes the subject's messages up to a revision; what was written later stays. */
  async purge(subject: string, upToRevision: number): Promise<void> {
    const { manager, stream } = this.#options;
    // The server purges below `seq`.
    const request = { filter: subject, seq: upToRevision + 1 };
    await this.#retry("removing a tombstone", () => manager.streams.purge(stream, request));
  }

  async #publish(subject: string, payload: Uint8Array | string, write: WriteTrace): Promise<Attempt> {
    const { client, events, stream } = this.#options;
    try {
      const ack = await events.orReconnected(() =>
        client.publish(subject, payload, {
          msgID: write.writeId,
          expect: { streamName: stream, lastSubjectSequence: write.expected },
          timeout: attemptTimeoutMs,
        }),
      );
      return { kind: "written", revision: ack.seq };
    } catch (error) {
      return failedAttempt(error);
    }
  }

  /** An earlier try of this write got no answer, and the last one was refused: by the earlier one, or by another? */
  async #outcome(subject: string, write: WriteTrace): Promise<number | "refused"> {
    const query = { seq: write.expected + 1, next_by_subj: subject };
    const first = await this.#read("reading back a write", query).catch((error: unknown) => {
      throw undecided(true, error);
    });
    const outcome = decideOutcome(write, first ? traceOf(first.header) : undefined);
    if (outcome === "landed" && first) return first.seq;
    if (outcome === "lost") return "refused";
    throw undecided(true, new Error("the message that decides it is no longer in the stream"));
  }

  #read(what: string, query: Parameters<JetStreamManager["streams"]["getMessage"]>[1]): Promise<StoredMsg | null> {
    const { manager, stream } = this.#options;
    return this.#retry(what, () => manager.streams.getMessage(stream, query));
  }

  #retry<T>(what: string, request: () => Promise<T>): Promise<T> {
    const { clock, events, signal } = this.#options;
    return retrying({ clock, deadlineMs: writeDeadlineMs, signal, what }, () => events.orReconnected(request));
  }
}

function failedAttempt(error: unknown): Attempt {
  if (isApiError(error, apiCodes.wrongLastSequence, apiCodes.wrongLastSequenceUnknown)) return { kind: "refused" };
  if (isApiError(error, apiCodes.messageTooLarge)) {
    const message = "the object is larger than the store's stream allows";
    throw new PodbusError({ code: "RESOURCE_EXHAUSTED", reason: "RequestEntityTooLarge", message, cause: error });
  }
  if (!mayPass(error)) throw error;
  return { kind: isApiError(error) || hadNoResponder(error) ? "not-written" : "unknown", cause: error };
}

function hadNoResponder(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof errors.NoRespondersError || (cause instanceof errors.RequestError && cause.isNoResponders());
}

function traceOf(headers: MsgHdrs): Partial<WriteTrace> {
  const expected = headers.get(PubHeaders.ExpectedLastSubjectSequenceHdr);
  return { writeId: headers.get(PubHeaders.MsgIdHdr), ...(expected === "" ? {} : { expected: Number(expected) }) };
}

function undecided(uncertain: boolean, cause: unknown): PodbusError {
  const outcome = uncertain ? "whether the object was written is not known" : "the object was not written";
  return unavailable(`no answer from NATS in time: ${outcome}`, cause);
}
