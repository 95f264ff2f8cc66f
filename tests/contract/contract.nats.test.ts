import { afterAll, beforeAll, describe } from "vitest";
import { type Meeting, overNats } from "./harness/buses.ts";
import { checkOnTheWire } from "./harness/check-on-the-wire.ts";
import { runSuite } from "./harness/run-suite.ts";
import { suites } from "./suites/index.ts";

describe("contracts over a real nats-server", () => {
  let meeting: Meeting & { readonly url: string };
  beforeAll(async () => {
    meeting = await overNats();
  });
  afterAll(() => meeting[Symbol.asyncDispose]());
  for (const suite of suites) {
    runSuite(suite, () => meeting);
    checkOnTheWire(suite, () => meeting);
  }
});
