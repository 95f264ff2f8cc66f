import { Writable } from "node:stream";
import { FakeClock } from "@podbus/clock";
import { eventually } from "@podbus/testkit";
import { describe, expect, it } from "vitest";
import type { Reply, StreamReply } from "./reply.ts";
import { type HttpResponse, sendReply } from "./send-reply.ts";

/** A client's end of a response: it takes a piece only when it is told to. */
class SlowResponse extends Writable implements HttpResponse {
  readonly headersSent = true;
  taken = 0;
  #take: (() => void) | undefined;

  writeHead(): void {}
  flushHeaders(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take = () => {
      this.taken += chunk.length;
      this.#take = undefined;
      done();
    };
  }

  take(): void {
    this.#take?.();
  }
}

function sending(reply: Reply) {
  const clock = new FakeClock();
  const response = new SlowResponse();
  const left = new AbortController();
  // As the server does.
  response.on("close", () => left.abort());
  const sent = sendReply(response, reply, { acceptsGzip: false, headers: {}, signal: left.signal, clock });
  return { clock, response, sent };
}

const mebibyte = 1024 * 1024;
const body: Reply = { kind: "bytes", code: 200, contentType: "text/plain", body: Buffer.alloc(mebibyte) };

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024);
}
const stream = (more: Partial<StreamReply>): Reply => ({
  kind: "stream",
  contentType: "text/plain",
  chunks: endless(),
  ...more,
});

describe("a client that does not read", () => {
  it.each<[string, Reply, number]>([
    ["a long list: cut off after a minute", body, 60_000],
    ["a short answer, too", { ...body, body: Buffer.alloc(100) } as Reply, 60_000],
    ["a watch: cut off after its ten seconds", stream({ stalledMs: 10_000 }), 10_000],
  ])("%s", async (_sentence, reply, afterMs) => {
    const { clock, response, sent } = sending(reply);
    await clock.step(afterMs - 1);
    expect(response.destroyed).toBe(false);
    await clock.step(1);
    await sent;
    expect(response.destroyed).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it("a followed log: waits as long as it likes", async () => {
    const { clock, response, sent } = sending(stream({}));
    await clock.step(3_600_000);
    expect(response.destroyed).toBe(false);
    response.destroy();
    await sent;
  });

  it("but slowly gets everything", async () => {
    const { clock, response, sent } = sending(body);
    while (response.taken < mebibyte) {
      await clock.step(50_000);
      response.take();
    }
    await sent;
    await eventually(() => response.writableFinished);
    expect(clock.waiting).toBe(0);
  });
});
