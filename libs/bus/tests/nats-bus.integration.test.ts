import type { NatsConnection } from "@nats-io/nats-core";
import { startNats } from "@podbus/testkit";
import { connectNats } from "../src/nats/connect-nats.ts";
import { NatsTransport } from "../src/nats/nats-transport.ts";
import type { Transport } from "../src/transport.ts";
import type { MessageSystem } from "./bench.ts";
import { describeBus } from "./suite.ts";

async function natsSystem(): Promise<MessageSystem> {
  const server = await startNats();
  const connections = new Map<Transport, NatsConnection>();
  return {
    connect: async (name) => {
      const connection = await connectNats({ servers: server.url, name });
      const transport = new NatsTransport(connection, "_INBOX");
      connections.set(transport, connection);
      return transport;
    },
    kill: async (transport) => connections.get(transport)?.close(),
    stop: () => server.kill(),
    start: () => server.restart(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      await server[Symbol.asyncDispose]();
    },
  };
}

describeBus("a bus over NATS", natsSystem);
