import { FakeClock } from "@podbus/clock";
import { ImagePuller } from "@podbus/contracts";
import { describe, expect, it } from "vitest";
import type { Bus, Implementation } from "../src/bus.ts";
import { createMemoryBus } from "../src/memory/memory-hub.ts";
import { collect } from "./bench.ts";

const node = "n";
const never = () => new Promise<never>(() => {});

/** The protocol's times, to the millisecond. */
function start(overrides: Partial<Implementation<typeof ImagePuller>>) {
  const clock = new FakeClock();
  const hub = createMemoryBus({ clock });
  const caller = hub.bus("pod-lifecycle");
  const serve = async (): Promise<Bus> => {
    const provider = hub.bus("image-puller");
    await provider.serve(
      ImagePuller,
      { node },
      {
        listImages: () => ({}),
        async *ensureImage() {
          yield { update: { case: "image" as const, value: { imageRef: "x" } } };
        },
        ...overrides,
      },
    );
    return provider;
  };
  const outcome = async (call: Promise<unknown>) => {
    const seen: { value?: unknown; atMs?: number } = {};
    const settled = (value: unknown) => Object.assign(seen, { value, atMs: clock.monotonic() - startedMs });
    const startedMs = clock.monotonic();
    call.then(settled, settled);
    await clock.step(0);
    return seen;
  };
  return { clock, hub, serve, outcome, client: caller.client(ImagePuller, { node }) };
}

describe("times of the protocol", () => {
  it("a unary call waits ten seconds unless told otherwise", async () => {
    const { clock, serve, client, outcome } = start({ listImages: never });
    await serve();
    const seen = await outcome(client.listImages({}));
    await clock.step(9_999);
    expect(seen.value).toBeUndefined();
    await clock.step(1);
    expect(seen.value).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("a handler's deadline is its caller's", async () => {
    let reason: unknown;
    let remainingMs = -1;
    const { clock, serve, client } = start({
      listImages: (_request, context) => {
        remainingMs = context.remainingMs();
        context.signal.addEventListener("abort", () => (reason = context.signal.reason));
        return never();
      },
    });
    await serve();
    client.listImages({}, { timeoutMs: 700 }).catch(() => {});
    await clock.step(699);
    expect([remainingMs, reason]).toEqual([700, undefined]);
    await clock.step(1);
    expect(reason).toBeDefined();
  });

  it("a killed provider is noticed after three heartbeats; the call goes to the next one", async () => {
    const { clock, hub, serve, client, outcome } = start({ listImages: never });
    const provider = await serve();
    const seen = await outcome(client.listImages({}));
    await clock.step(3_000);
    hub.kill(provider);
    const other = hub.bus("image-puller");
    await other.serve(
      ImagePuller,
      { node },
      {
        listImages: () => ({}),
        async *ensureImage() {
          yield {};
        },
      },
    );
    await clock.step(4_999);
    expect(seen.value).toBeUndefined();
    await clock.step(1);
    expect(seen.atMs).toBe(8_000); // last heard at 2 s
    expect(seen.value).toMatchObject({ images: [] });
  });

  it("a killed provider of a stream is noticed after three heartbeats", async () => {
    const { clock, hub, serve, client, outcome } = start({
      async *ensureImage() {
        yield { update: { case: "image" as const, value: { imageRef: "x" } } };
        await never();
      },
    });
    const provider = await serve();
    const stream = client.ensureImage({})[Symbol.asyncIterator]();
    await stream.next();
    const seen = await outcome(stream.next());
    hub.kill(provider);
    await clock.step(5_999);
    expect(seen.value).toBeUndefined();
    await clock.step(1);
    expect(seen.value).toMatchObject({ code: "UNAVAILABLE" });
  });

  it("a stream without a timeout lives as long as its two sides", async () => {
    const { clock, serve, client, outcome } = start({
      async *ensureImage() {
        yield { update: { case: "image" as const, value: { imageRef: "x" } } };
        await never();
      },
    });
    await serve();
    const stream = client.ensureImage({})[Symbol.asyncIterator]();
    await stream.next();
    const seen = await outcome(stream.next());
    await clock.step(3_600_000);
    expect(seen.value).toBeUndefined();
    await stream.return?.();
    expect(await outcome(stream.next())).toMatchObject({ value: { done: true } });
  });

  it("nothing is left behind: no timer waits when all calls are over and all buses closed", async () => {
    const { clock, hub, serve, client } = start({});
    const provider = await serve();
    await client.listImages({});
    await collect(client.ensureImage({}));
    const left = client.ensureImage({})[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    await clock.step(0);
    expect(clock.waiting).toBe(0);
    await provider[Symbol.asyncDispose]();
    expect(clock.waiting).toBe(0);
    hub.stop();
  });
});
