import { connect, type NatsConnection } from "@nats-io/transport-node";

/** A connection to a port of this machine that comes back as fast as it can: the server's, or a proxy's. */
export function connectThrough(port: number): Promise<NatsConnection> {
  return connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 20,
    reconnectJitter: 10,
    waitOnFirstConnect: true,
  });
}
