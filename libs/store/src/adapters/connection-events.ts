import type { NatsConnection } from "@nats-io/nats-core";
import { unavailable } from "../domain/store-errors.ts";

/** The connection was lost and is back: what was under way may or may not have reached the server. */
export class Reconnected extends Error {
  override readonly name = "Reconnected";
}

/**
 * Tells when a connection is back. The client never answers a request that was under way when the connection broke
 * (it drops what it had buffered), so such a request would only hang until its timeout.
 */
export class ConnectionEvents {
  readonly #connection: NatsConnection;
  readonly #listeners = new Set<() => void>();

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    void this.#follow();
  }

  onReconnect(run: () => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  /** The request's outcome, or Reconnected as soon as it can have none. */
  async orReconnected<T>(request: () => Promise<T>): Promise<T> {
    if (this.#connection.isClosed()) throw unavailable("the connection to NATS is closed");
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = this.onReconnect(() => reject(new Reconnected("the connection to NATS was lost during a request")));
    try {
      return await Promise.race([request(), promise]);
    } finally {
      stop();
    }
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "reconnect") for (const run of [...this.#listeners]) run();
    }
  }
}
