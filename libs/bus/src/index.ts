export type { NatsConnection } from "@nats-io/nats-core";
export type { Bus, CallContext, CallOptions, Client, Implementation, Target } from "./bus.ts";
export { decodeNodeName, encodeNodeName } from "./domain/node-token.ts";
export { isNodeScoped, type SubjectTable, serviceToken, subjectsOf } from "./domain/subjects.ts";
export { createMemoryBus, type MemoryBus, type MemoryBusOptions } from "./memory/memory-hub.ts";
export { type ConnectNatsOptions, connectNats } from "./nats/connect-nats.ts";
export { createNatsBus, type NatsBusOptions } from "./nats/create-nats-bus.ts";
export type { BusOptions } from "./protocol/protocol-bus.ts";
export { type BusTiming, defaultTiming } from "./timing.ts";
