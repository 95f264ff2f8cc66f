import { randomUUID } from "node:crypto";
import type { ConsumerConfig, JetStreamManager } from "@nats-io/jetstream";
import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/nats-core";
import type { Clock } from "@podbus/clock";
import type { ConnectionEvents } from "./connection-events.ts";
import { type FeedMessage, readFeedMessage } from "./feed-message.ts";

export interface PushConsumerOptions {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly events: ConnectionEvents;
  readonly clock: Clock;
  readonly stream: string;
  readonly filter: string;
  /** The first sequence wanted; "last-per-subject" for the newest message of every subject and all that follows. */
  readonly start: number | "last-per-subject";
}

export interface PushConsumerReader {
  onMessage(message: DataMessage): void;
  /** Everything there is has been delivered; told with every heartbeat. */
  onIdle(): void;
}

export type DataMessage = Extract<FeedMessage, { kind: "data" }>;

const heartbeatMs = 2_000;
/** Two heartbeats and a half: the consumer is gone, though nobody told us. */
const silenceMs = 5_000;
/** The server forgets the consumer this long after its reader has gone. */
const inactiveMs = 30_000;

/**
 * One ephemeral push consumer: messages in order, without loss, or an end with a reason. It ends by itself when a
 * message was lost, when heartbeats stay away, and when the connection was broken; it never goes silent.
 */
export class PushConsumer {
  readonly #options: PushConsumerOptions;
  readonly #name = `cache-${randomUUID()}`;
  readonly #ended = Promise.withResolvers<string>();
  readonly #subscription: Subscription;
  readonly #stopListening: () => void;
  readonly #reader: PushConsumerReader;
  #held: DataMessage[] | undefined = [];
  #delivered = 0;
  #done = false;
  #cancelSilence = () => {};

  private constructor(options: PushConsumerOptions, reader: PushConsumerReader) {
    this.#options = options;
    this.#reader = reader;
    const { connection, events } = options;
    const inbox = createInbox(inboxPrefixOf(connection));
    const callback = (error: Error | null, message: Msg) => (error ? this.end(error.message) : this.#receive(message));
    this.#subscription = connection.subscribe(inbox, { callback });
    this.#stopListening = events.onReconnect(() => this.end("the connection was broken"));
  }

  /** Makes the consumer. Messages are held back until `release`. */
  static async create(options: PushConsumerOptions, reader: PushConsumerReader): Promise<PushConsumer> {
    const consumer = new PushConsumer(options, reader);
    try {
      await consumer.#create();
      return consumer;
    } catch (error) {
      consumer.end("it could not be made");
      throw error;
    }
  }

  /** How many messages it had to deliver when it was made. */
  pendingAtStart = 0;

  /** Why it ended. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.#deliver(message);
  }

  end(reason: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelSilence();
    this.#stopListening();
    this.#subscription.unsubscribe();
    this.#ended.resolve(reason);
    const { manager, stream } = this.#options;
    // A courtesy: the server drops an inactive consumer by itself, and after its restart there is none to delete.
    manager.consumers.delete(stream, this.#name).catch(() => {});
  }

  async #create(): Promise<void> {
    const { manager, stream, events } = this.#options;
    this.#expectSign();
    const info = await events.orReconnected(() => manager.consumers.add(stream, this.#config()));
    this.pendingAtStart = info.num_pending;
  }

  #config(): Partial<ConsumerConfig> {
    const { start, filter } = this.#options;
    return {
      name: this.#name,
      deliver_subject: this.#subscription.getSubject(),
      filter_subject: filter,
      ack_policy: "none",
      flow_control: true,
      idle_heartbeat: heartbeatMs * 1e6,
      inactive_threshold: inactiveMs * 1e6,
      mem_storage: true,
      num_replicas: 1,
      ...(start === "last-per-subject"
        ? { deliver_policy: "last_per_subject" }
        : { deliver_policy: "by_start_sequence", opt_start_seq: start }),
    };
  }

  #receive(raw: Msg): void {
    if (this.#done) return;
    this.#expectSign();
    const message = readFeedMessage(raw);
    switch (message.kind) {
      case "flow-control":
        raw.respond();
        return;
      case "heartbeat":
        if (message.stalled) this.#options.connection.publish(message.stalled);
        if (message.deliverySequence > this.#delivered) this.end("messages were lost");
        else if (!this.#held) this.#reader.onIdle();
        return;
      case "ended":
        this.end(message.status);
        return;
      case "data":
        if (message.deliverySequence === ++this.#delivered) this.#deliver(message);
        else this.end("messages were lost");
    }
  }

  #deliver(message: DataMessage): void {
    if (this.#done) return;
    if (this.#held) this.#held.push(message);
    else this.#reader.onMessage(message);
  }

  #expectSign(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#options.clock.after(silenceMs, () => this.end("no sign of life from the consumer"));
  }
}

/** NATS permissions may allow a client only its own inboxes; the connection knows its prefix but does not declare it. */
function inboxPrefixOf(connection: NatsConnection): string | undefined {
  const { options } = connection as NatsConnection & { readonly options?: { readonly inboxPrefix?: string } };
  return options?.inboxPrefix;
}
