import { afterAll, beforeAll, describe } from "vitest";
import { inMemory, type Meeting } from "./harness/buses.ts";
import { runSuite } from "./harness/run-suite.ts";
import { suites } from "./suites/index.ts";

describe("contracts over the bus in memory", () => {
  let meeting: Meeting;
  beforeAll(async () => {
    meeting = await inMemory();
  });
  afterAll(() => meeting[Symbol.asyncDispose]());
  for (const suite of suites) runSuite(suite, () => meeting);
});
