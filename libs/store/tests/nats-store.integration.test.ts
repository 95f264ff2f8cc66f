import { systemClock } from "@podbus/clock";
import { afterAll, beforeAll, describe } from "vitest";
import { openStore } from "../src/nats-store.ts";
import { type LocalNats, startLocalNats } from "./local-nats.ts";
import { describeObjectStore } from "./object-store-behaviour.ts";

let nats: LocalNats;
let buckets = 0;

beforeAll(async () => {
  nats = await startLocalNats();
});
afterAll(async () => {
  await nats[Symbol.asyncDispose]();
});

describe("the NATS store", () => {
  describeObjectStore(async () => {
    const bucket = `behaviour-${buckets++}`;
    const open = async () => {
      const connection = await nats.connect();
      return { connection, store: await openStore({ connection, clock: systemClock, bucket, windowSize: 8 }) };
    };
    const [one, two] = [await open(), await open()];
    return {
      stores: [one.store, two.store],
      async [Symbol.asyncDispose]() {
        for (const { store, connection } of [one, two]) {
          await store[Symbol.asyncDispose]();
          await connection.close();
        }
      },
    };
  });
});
