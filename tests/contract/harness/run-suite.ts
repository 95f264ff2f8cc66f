import type { DescMethod } from "@bufbuild/protobuf";
import { trace } from "@opentelemetry/api";
import { createLogger } from "@podbus/telemetry";
import { describe, expect, test } from "vitest";
import type { Meeting } from "./buses.ts";
import type { Answer, AnySuite, Bench, Example } from "./contract-suite.ts";
import { deliver } from "./deliver.ts";

type AnyExample = Example<Record<string, unknown>, unknown>;

/** Every example of a suite as a test: start the provider, deliver the request twice, check the effect. */
export function runSuite(suite: AnySuite, meeting: () => Meeting): void {
  describe(suite.service.name, () => {
    for (const method of suite.service.methods) {
      describe(method.name, () => {
        for (const example of suite.examples[method.localName] ?? []) {
          test(example.that, () => runExample(suite, method, example, meeting()));
        }
      });
    }
  });
}

async function runExample(suite: AnySuite, method: DescMethod, example: AnyExample, meeting: Meeting): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const bench = benchOf(meeting, cleanup);
  const world = await suite.start(bench);
  await example.given?.(world);
  const request = typeof example.request === "function" ? example.request(world) : example.request;
  const caller = await bench.bus("contract-tests");
  const { timeoutMs, cancelWhen } = example;
  const once = async (answer: Answer) => {
    const giveUp = new AbortController();
    const delivery = { request, answer, timeoutMs, signal: giveUp.signal };
    const [outcome] = await Promise.all([
      deliver(caller, suite, method, delivery),
      cancelWhen?.(world).then(() => giveUp.abort()),
    ]);
    return outcome;
  };
  const first = await once(example.answer);
  const second = await once(example.again ?? example.answer);
  if (!example.again) expect(second.replies, "the same request, the same answer").toEqual(first.replies);
  await example.effect?.(world);
}

export function benchOf(meeting: Meeting, cleanup: AsyncDisposableStack): Bench {
  return {
    bus: async (name) => cleanup.use(await meeting.bus(name)),
    store: async () => cleanup.use(await meeting.store()),
    log: createLogger({ service: "contract-tests", level: process.env.PODBUS_LOG_LEVEL ?? "silent" }),
    tracer: trace.getTracer("contract-tests"),
    cleanup,
  };
}
