import { errors, type NatsConnection, nkeyAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { type Clock, systemClock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import { assertInboxPrefix } from "./nats-transport.ts";

export interface ConnectNatsOptions {
  /** "nats://127.0.0.1:4222", or several of one cluster. */
  readonly servers: string | readonly string[];
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** An nkey user's seed; without one, the connection is anonymous. */
  readonly nkeySeed?: string | Uint8Array | undefined;
  /** Replies come below it; give each client its own and let nobody else read it. Default "_INBOX". */
  readonly inboxPrefix?: string | undefined;
  readonly log?: Logger | undefined;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const inboxPrefixes = new WeakMap<NatsConnection, string>();

/** The inbox prefix that a connection was made with. */
export function inboxPrefixOf(connection: NatsConnection): string {
  return inboxPrefixes.get(connection) ?? "_INBOX";
}

const firstRetryMs = 500;

/**
 * Connects, and reconnects for ever. Waits for a server that is not there yet; rejects when the server refuses the
 * credentials, or at the signal.
 */
export async function connectNats(options: ConnectNatsOptions): Promise<NatsConnection> {
  const { inboxPrefix = "_INBOX", clock = systemClock, log, signal } = options;
  assertInboxPrefix(inboxPrefix);
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = await connectOnce(options, inboxPrefix);
      inboxPrefixes.set(connection, inboxPrefix);
      void report(connection, log);
      return connection;
    } catch (error) {
      if (error instanceof errors.AuthorizationError) throw error;
      // One line at the beginning, then one every half a minute.
      if (attempt % 60 === 1) log?.warn({ err: error, servers: options.servers }, "nats-server cannot be reached yet");
    }
    await clock.sleep(firstRetryMs, signal);
  }
}

function connectOnce(options: ConnectNatsOptions, inboxPrefix: string): Promise<NatsConnection> {
  const { servers, name, nkeySeed } = options;
  return connect({
    servers: typeof servers === "string" ? servers : [...servers],
    name,
    inboxPrefix,
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => 100 + Math.random() * 150,
    // Notices a server that is gone without closing the connection.
    pingInterval: 10_000,
    maxPingOut: 2,
    ...(nkeySeed === undefined ? {} : { authenticator: nkeyAuthenticator(seedBytes(nkeySeed)) }),
  });
}

function seedBytes(seed: string | Uint8Array): Uint8Array {
  return typeof seed === "string" ? new TextEncoder().encode(seed.trim()) : seed;
}

async function report(connection: NatsConnection, log: Logger | undefined): Promise<void> {
  let connected = true;
  for await (const status of connection.status()) {
    if (status.type === "disconnect" && connected)
      log?.warn({ server: status.server }, "disconnected from nats-server");
    if (status.type === "reconnect" && !connected)
      log?.info({ server: status.server }, "connected to nats-server again");
    if (status.type === "error") log?.error({ err: status.error }, "nats-server reports an error");
    // The client repeats "disconnect" for each failed try.
    if (status.type === "disconnect") connected = false;
    if (status.type === "reconnect") connected = true;
  }
}
