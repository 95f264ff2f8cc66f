import { systemClock } from "@podbus/clock";
import { startNats, type TestNatsServer } from "@podbus/testkit";
import { afterAll, beforeAll, describe } from "vitest";
import { openStore } from "../src/nats-store.ts";
import { connectThrough } from "./connect-through.ts";
import { describeObjectStore } from "./object-store-behaviour.ts";

let nats: TestNatsServer;
let buckets = 0;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  await nats[Symbol.asyncDispose]();
});

describe("the NATS store", () => {
  describeObjectStore(async () => {
    const bucket = `behaviour-${buckets++}`;
    const open = async () => {
      const connection = await connectThrough(nats.port);
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
