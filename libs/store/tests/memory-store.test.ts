import { systemClock } from "@podbus/clock";
import { describe } from "vitest";
import { createMemoryStore } from "../src/memory-store.ts";
import { describeObjectStore } from "./object-store-behaviour.ts";

describe("the memory store", () => {
  describeObjectStore(async () => {
    const store = createMemoryStore({ clock: systemClock, windowSize: 8 });
    return { stores: [store, store], [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  });
});
