import type { NatsConnection } from "@nats-io/nats-core";
import type { Bus } from "../bus.ts";
import { type BusOptions, ProtocolBus } from "../protocol/protocol-bus.ts";
import { inboxPrefixOf } from "./connect-nats.ts";
import { NatsTransport } from "./nats-transport.ts";

export interface NatsBusOptions extends BusOptions {
  /** Several buses may share one. It stays open when the bus is disposed: who connected, closes. */
  readonly connection: NatsConnection;
  /** Default: the one that `connectNats` was given. */
  readonly inboxPrefix?: string;
}

export function createNatsBus(options: NatsBusOptions): Bus {
  const { connection, inboxPrefix = inboxPrefixOf(connection), ...rest } = options;
  return new ProtocolBus(rest, new NatsTransport(connection, inboxPrefix));
}
