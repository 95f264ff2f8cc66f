import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { systemClock } from "@podbus/clock";
import { Admission, ImagePuller, NodeApi } from "@podbus/contracts";
import { codes, PodbusError } from "@podbus/errors";
import { createTelemetry, traceparentOf } from "@podbus/telemetry";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CallContext, Implementation } from "../src/bus.ts";
import { Bench, collect, Deferred, exchange, type MessageSystem, testTiming, until } from "./bench.ts";

const node = "node-1.example";
const imageUpdate = (imageRef: string) => ({ update: { case: "image" as const, value: { imageRef } } });

/** A provider of which a test replaces the method that it is about. */
function imagePuller(overrides: Partial<Implementation<typeof ImagePuller>> = {}): Implementation<typeof ImagePuller> {
  return {
    listImages: () => ({ images: [{ names: ["a"], sizeBytes: 7n }] }),
    async *ensureImage({ image }) {
      yield imageUpdate(image);
    },
    ...overrides,
  };
}

function nodeApi(overrides: Partial<Implementation<typeof NodeApi>> = {}): Implementation<typeof NodeApi> {
  return {
    registerNode: ({ nodeJson }) => ({ nodeJson }),
    renewLease: () => ({}),
    async *watchPods() {
      yield { event: { case: "synced", value: { revision: 1n } } };
    },
    updatePodStatus: () => ({}),
    finishPodDeletion: () => ({}),
    listPodServices: () => ({}),
    createMirrorPod: () => ({}),
    deleteMirrorPod: () => ({}),
    getPodDependency: () => ({}),
    createPodToken: () => ({}),
    recordEvents: () => ({}),
    ...overrides,
  };
}

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, index) => index % 256);

async function failure(work: Promise<unknown>): Promise<PodbusError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PodbusError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

/** The behaviour of every bus, whatever carries it. */
export function describeBus(name: string, start: () => Promise<MessageSystem>): void {
  describe(name, () => {
    let system: MessageSystem;
    let bench: Bench;
    beforeAll(async () => {
      system = await start();
      bench = new Bench(system);
    });
    afterEach(() => bench.clear());
    afterAll(() => system[Symbol.asyncDispose]());

    /** A served ImagePuller and a client of it, on two connections. */
    async function pair(overrides: Partial<Implementation<typeof ImagePuller>> = {}) {
      const provider = await bench.bus("image-puller");
      const caller = await bench.bus("pod-lifecycle");
      await provider.serve(ImagePuller, { node }, imagePuller(overrides));
      return { provider, caller, client: caller.client(ImagePuller, { node }) };
    }

    describe("unary calls", () => {
      it("a call is answered", async () => {
        const { client } = await pair();
        expect((await client.listImages({})).images).toMatchObject([{ names: ["a"], sizeBytes: 7n }]);
      });

      it("a handler knows the caller, the node and the time that is left", async () => {
        let seen: CallContext | undefined;
        const { client } = await pair({
          listImages: (_request, callContext) => {
            seen = callContext;
            return {};
          },
        });
        await client.listImages({}, { timeoutMs: 3_000 });
        expect(seen).toMatchObject({ caller: "pod-lifecycle", node });
        expect(seen?.remainingMs()).toBeGreaterThan(2_000);
        expect(seen?.remainingMs()).toBeLessThanOrEqual(3_000);
      });

      it("a service of the cluster needs no node, and several instances share the calls", async () => {
        const counts = [0, 0];
        for (const index of [0, 1]) {
          const provider = await bench.bus("scheduler-admission");
          await provider.serve(
            Admission,
            {},
            {
              review: () => {
                counts[index] = (counts[index] ?? 0) + 1;
                return {};
              },
            },
          );
        }
        const client = (await bench.bus("api-gateway")).client(Admission);
        await Promise.all(Array.from({ length: 60 }, () => client.review({})));
        expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(60);
        expect(Math.min(...counts)).toBeGreaterThan(0);
      });

      it("a provider for every node learns the node from the subject", async () => {
        const nodes: string[] = [];
        const provider = await bench.bus("api-gateway");
        await provider.serve(
          NodeApi,
          { node: "*" },
          nodeApi({
            renewLease: (_request, { node: from }) => {
              nodes.push(from);
              return {};
            },
          }),
        );
        const caller = await bench.bus("pod-lifecycle");
        await caller.client(NodeApi, { node: "a.b" }).renewLease({});
        await caller.client(NodeApi, { node: "c" }).renewLease({});
        expect(nodes).toEqual(["a.b", "c"]);
      });

      it("many calls at once get each its own answer", async () => {
        const provider = await bench.bus("api-gateway");
        await provider.serve(NodeApi, { node: "*" }, nodeApi());
        const client = (await bench.bus("pod-lifecycle")).client(NodeApi, { node });
        const requests = Array.from({ length: 300 }, (_, index) => new TextEncoder().encode(`node ${index}`));
        const answers = await Promise.all(requests.map((nodeJson) => client.registerNode({ nodeJson })));
        expect(answers.map(({ nodeJson }) => nodeJson)).toEqual(requests);
      });
    });

    describe("errors", () => {
      it.each(codes)("%s crosses the bus with reason, message, retryAfterMs and retryable", async (code) => {
        const init = {
          code,
          reason: "ErrImagePull",
          message: "no such image:\n“ü”",
          retryAfterMs: 20_000,
          retryable: true,
        };
        const { client } = await pair({
          listImages: () => {
            throw new PodbusError(init);
          },
        });
        expect(await failure(client.listImages({}))).toMatchObject(init);
      });

      it("an unknown exception is INTERNAL, with its message and without its stack", async () => {
        const { client } = await pair({ listImages: () => Promise.reject(new TypeError("x is not a function")) });
        const error = await failure(client.listImages({}));
        expect(error).toMatchObject({
          code: "INTERNAL",
          message: "ImagePuller.ListImages failed: x is not a function",
        });
        expect(error.message).not.toContain("at ");
      });

      it("an answer that is no message of the contract is INTERNAL", async () => {
        const { client } = await pair({ listImages: () => ({ images: [{ sizeBytes: -1n }] }) });
        expect(await failure(client.listImages({}))).toMatchObject({ code: "INTERNAL" });
      });

      it("a stream's error comes after its messages", async () => {
        const { client } = await pair({
          async *ensureImage() {
            yield imageUpdate("first");
            throw new PodbusError({ code: "UNAVAILABLE", reason: "RegistryUnavailable", message: "no route" });
          },
        });
        const seen: string[] = [];
        const error = await failure(
          (async () => {
            for await (const { update } of client.ensureImage({}))
              if (update.case === "image") seen.push(update.value.imageRef);
          })(),
        );
        expect(seen).toEqual(["first"]);
        expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "RegistryUnavailable", message: "no route" });
      });

      it.each([
        ["unary", "ListImages"],
        ["a stream", "EnsureImage"],
      ])("a request that is no protobuf is INVALID_ARGUMENT and reaches no handler: %s", async (_kind, method) => {
        let reached = 0;
        await pair({
          listImages: () => {
            reached++;
            return {};
          },
          async *ensureImage() {
            reached++;
            yield imageUpdate("");
          },
        });
        const subject = `podbus.v1.node.node-1_2eexample.image-puller.${method}`;
        const raw = await bench.connect("raw");
        const [reply] = await exchange(raw, { subject, data: Uint8Array.of(0xff, 0xff) }, (all) => all.length === 1);
        expect(reply?.headers).toMatchObject({ "podbus-code": "INVALID_ARGUMENT", "Nats-Service-Error-Code": "400" });
        expect(reached).toBe(0);
        raw.close();
      });

      it("requests, answers and stream messages that the bus cannot carry are RESOURCE_EXHAUSTED at once", async () => {
        const huge = "x".repeat(9 * 1024 * 1024);
        const { client } = await pair({
          listImages: () => ({ images: [{ names: [huge] }] }),
          async *ensureImage() {
            yield imageUpdate("small");
            yield imageUpdate(huge);
          },
        });
        expect(await failure(client.listImages({}))).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
        expect(await failure(collect(client.ensureImage({})))).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
        expect(await failure(collect(client.ensureImage({ image: huge })))).toMatchObject({
          code: "RESOURCE_EXHAUSTED",
        });
      });
    });

    describe("deadlines", () => {
      it("a provider that has the call and does not answer: DEADLINE_EXCEEDED, and its signal is aborted", async () => {
        const aborted = new Deferred<unknown>();
        const { client } = await pair({
          listImages: (_request, { signal }) => {
            signal.addEventListener("abort", () => aborted.resolve(signal.reason));
            return new Promise(() => {});
          },
        });
        const startedMs = performance.now();
        expect(await failure(client.listImages({}, { timeoutMs: 300 }))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
        await aborted.promise;
      });

      it("a provider that works longer than its heartbeat is waited for", async () => {
        const { client } = await pair({
          listImages: async () => {
            await systemClock.sleep(testTiming.heartbeatMs * 5);
            return { images: [{ names: ["slow"] }] };
          },
        });
        expect((await client.listImages({})).images[0]?.names).toEqual(["slow"]);
      });

      it("a stream's timeout bounds the whole of it", async () => {
        const aborted = new Deferred();
        const { client } = await pair({
          async *ensureImage(_request, { signal }) {
            yield imageUpdate("first");
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            aborted.resolve();
          },
        });
        expect(await failure(collect(client.ensureImage({}, { timeoutMs: 300 })))).toMatchObject({
          code: "DEADLINE_EXCEEDED",
        });
        await aborted.promise;
      });

      it("nobody serves: UNAVAILABLE, at the deadline and not before", async () => {
        const client = (await bench.bus("pod-lifecycle")).client(ImagePuller, { node: "nobody" });
        const startedMs = performance.now();
        expect(await failure(client.listImages({}, { timeoutMs: 400 }))).toMatchObject({
          code: "UNAVAILABLE",
          retryable: true,
        });
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(395);
        expect(await failure(collect(client.ensureImage({}, { timeoutMs: 200 })))).toMatchObject({
          code: "UNAVAILABLE",
        });
      });

      it("nobody serves: a stream without a timeout fails after the bound for opening", async () => {
        const client = (await bench.bus("pod-lifecycle")).client(ImagePuller, { node: "nobody" });
        const startedMs = performance.now();
        expect(await failure(collect(client.ensureImage({})))).toMatchObject({ code: "UNAVAILABLE" });
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(testTiming.openTimeoutMs - 5);
      });

      it("a provider that appears meanwhile gets the calls", async () => {
        const caller = await bench.bus("pod-lifecycle");
        const client = caller.client(ImagePuller, { node });
        const unary = client.listImages({});
        const stream = collect(client.ensureImage({ image: "late" }));
        await systemClock.sleep(100);
        await (await bench.bus("image-puller")).serve(ImagePuller, { node }, imagePuller());
        expect((await unary).images).toHaveLength(1);
        expect(await stream).toHaveLength(1);
      });
    });

    describe("cancelling", () => {
      it("the caller's signal fails a unary call and aborts its handler", async () => {
        const started = new Deferred();
        const aborted = new Deferred();
        const { client } = await pair({
          listImages: (_request, { signal }) => {
            signal.addEventListener("abort", () => aborted.resolve());
            started.resolve();
            return new Promise(() => {});
          },
        });
        const abort = new AbortController();
        const call = failure(client.listImages({}, { signal: abort.signal }));
        await started.promise;
        abort.abort();
        expect(await call).toMatchObject({ code: "CANCELLED" });
        await aborted.promise;
      });

      it("a signal that is aborted already sends nothing", async () => {
        let reached = false;
        const { client } = await pair({
          listImages: () => {
            reached = true;
            return {};
          },
        });
        const signal = AbortSignal.abort();
        expect(await failure(client.listImages({}, { signal }))).toMatchObject({ code: "CANCELLED" });
        expect(await failure(collect(client.ensureImage({}, { signal })))).toMatchObject({ code: "CANCELLED" });
        await client.ensureImage({})[Symbol.asyncIterator]().return?.();
        await collect((await bench.bus("other")).client(ImagePuller, { node }).ensureImage({})); // what was sent has arrived
        expect(reached).toBe(false);
      });

      it.each([
        ["the signal", "signal"],
        ["leaving the loop", "break"],
        ["return() while a next() waits", "return"],
      ])("%s ends a stream's handler, which cleans up", async (_sentence, how) => {
        const cleaned = new Deferred();
        const { client } = await pair({
          async *ensureImage(_request, { signal }) {
            try {
              yield imageUpdate("first");
              await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            } finally {
              cleaned.resolve();
            }
          },
        });
        const abort = new AbortController();
        const stream = client.ensureImage({}, { signal: abort.signal })[Symbol.asyncIterator]();
        expect((await stream.next()).done).toBe(false);
        if (how === "signal") {
          const next = failure(stream.next());
          abort.abort();
          expect(await next).toMatchObject({ code: "CANCELLED" });
        } else if (how === "break") {
          await stream.return?.();
        } else {
          const next = stream.next();
          await stream.return?.();
          expect((await next).done).toBe(true);
        }
        await cleaned.promise;
        expect((await stream.next()).done).toBe(true);
      });

      it("a provider learns that its caller was killed", async () => {
        const aborted = new Deferred();
        const { caller, client } = await pair({
          async *ensureImage(_request, { signal }) {
            yield imageUpdate("first");
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            aborted.resolve();
          },
        });
        const stream = client.ensureImage({})[Symbol.asyncIterator]();
        await stream.next();
        await bench.kill(caller);
        await aborted.promise;
      });
    });

    describe("streams", () => {
      it("messages come in order and end", async () => {
        const { client } = await pair({
          async *ensureImage() {
            for (let index = 0; index < 500; index++) yield imageUpdate(String(index));
          },
        });
        const all = await collect(client.ensureImage({}));
        expect(all.map(({ update }) => (update.case === "image" ? update.value.imageRef : ""))).toEqual(
          Array.from({ length: 500 }, (_, index) => String(index)),
        );
      });

      it("a reader that does not read holds the producer, and loses nothing", async () => {
        let produced = 0;
        const { client } = await pair({
          async *ensureImage() {
            for (; produced < 1_000; produced++) yield imageUpdate(String(produced));
          },
        });
        const stream = client.ensureImage({})[Symbol.asyncIterator]();
        await stream.next();
        // Several heartbeats: the stream stays open while nobody reads.
        await systemClock.sleep(testTiming.heartbeatMs * 5);
        const whileIdle = produced;
        expect(whileIdle).toBeLessThan(50);
        let read = 1;
        while (!(await stream.next()).done) read++;
        expect(read).toBe(1_000);
      });

      it("a quiet stream stays open", async () => {
        const proceed = new Deferred();
        const { client } = await pair({
          async *ensureImage() {
            yield imageUpdate("first");
            await proceed.promise;
            yield imageUpdate("second");
          },
        });
        const all = collect(client.ensureImage({}));
        await systemClock.sleep(testTiming.heartbeatMs * 6);
        proceed.resolve();
        expect(await all).toHaveLength(2);
      });

      it("a provider that is killed is noticed, promptly", async () => {
        const { provider, client } = await pair({
          async *ensureImage() {
            yield imageUpdate("first");
            await new Promise(() => {});
          },
        });
        const stream = client.ensureImage({})[Symbol.asyncIterator]();
        await stream.next();
        await bench.kill(provider);
        const startedMs = performance.now();
        expect(await failure(stream.next())).toMatchObject({ code: "UNAVAILABLE" });
        expect(performance.now() - startedMs).toBeLessThan(testTiming.heartbeatMs * 40);
      });

      it("a message that is lost fails the stream", async () => {
        const raw = await bench.connect("image-puller");
        const caller = await bench.bus("pod-lifecycle");
        raw.subscribe("podbus.v1.node.gap.image-puller.EnsureImage", { onDenied: () => {} }, ({ reply }) => {
          const data = new Uint8Array();
          for (const sequence of ["1", "1", "3"])
            raw.publish({ subject: reply, data, headers: { "podbus-seq": sequence } });
        });
        await raw.flush();
        const stream = caller.client(ImagePuller, { node: "gap" }).ensureImage({})[Symbol.asyncIterator]();
        await stream.next();
        expect(await failure(stream.next())).toMatchObject({ code: "UNAVAILABLE" });
        raw.close();
      });
    });

    describe("deliveries more than once", () => {
      it("the same request again after its answer reaches the handler again", async () => {
        let calls = 0;
        await pair({ listImages: () => ({ images: [{ sizeBytes: BigInt(++calls) }] }) });
        const raw = await bench.connect("raw");
        const message = { subject: "podbus.v1.node.node-1_2eexample.image-puller.ListImages", data: new Uint8Array() };
        await exchange(raw, message, (all) => all.length === 1);
        await exchange(raw, message, (all) => all.length === 1);
        expect(calls).toBe(2);
        raw.close();
      });

      it("the same request while its handler runs is the same call", async () => {
        let calls = 0;
        const proceed = new Deferred();
        await pair({
          listImages: async () => {
            calls++;
            await proceed.promise;
            return {};
          },
        });
        const raw = await bench.connect("raw");
        const message = { subject: "podbus.v1.node.node-1_2eexample.image-puller.ListImages", data: new Uint8Array() };
        const first = exchange(raw, message, (all) => all.some(({ headers }) => !("podbus-heartbeat" in headers)));
        raw.publish({ ...message, reply: `${raw.inbox}.raw` });
        await until(() => calls > 0, "the handler runs");
        proceed.resolve();
        await first;
        expect(calls).toBe(1);
        raw.close();
      });
    });

    describe("providers that go", () => {
      it("a call whose provider is killed is answered by the one that comes back", async () => {
        const started = new Deferred();
        const { provider, client } = await pair({
          listImages: () => {
            started.resolve();
            return new Promise(() => {});
          },
        });
        const call = client.listImages({});
        await started.promise;
        await bench.kill(provider);
        await (await bench.bus("image-puller")).serve(ImagePuller, { node }, imagePuller());
        expect((await call).images).toHaveLength(1);
      });

      it("closing finishes running handlers, ends watches, and sends new calls elsewhere", async () => {
        const started = new Deferred();
        const proceed = new Deferred();
        const provider = await bench.bus("api-gateway");
        await provider.serve(
          NodeApi,
          { node: "*" },
          nodeApi({
            renewLease: async () => {
              started.resolve();
              await proceed.promise;
              return {};
            },
            async *watchPods() {
              yield { event: { case: "synced", value: { revision: 1n } } };
              await new Promise(() => {});
            },
          }),
        );
        const client = (await bench.bus("pod-lifecycle")).client(NodeApi, { node });
        const watch = client.watchPods({})[Symbol.asyncIterator]();
        await watch.next();
        const running = client.renewLease({});
        await started.promise;
        const closed = provider[Symbol.asyncDispose]();
        expect(await failure(watch.next())).toMatchObject({ code: "UNAVAILABLE" });
        proceed.resolve();
        await running;
        await closed;
        expect(provider.connected).toBe(false);
        const later = client.renewLease({});
        await (await bench.bus("api-gateway")).serve(NodeApi, { node: "*" }, nodeApi());
        await later;
      });

      it("closing does not wait for ever; the caller asks the next provider", async () => {
        const started = new Deferred();
        const aborted = new Deferred();
        const { provider, client } = await pair({
          listImages: (_request, { signal }) => {
            signal.addEventListener("abort", () => aborted.resolve());
            started.resolve();
            return new Promise(() => {});
          },
        });
        const call = client.listImages({});
        await started.promise;
        await provider[Symbol.asyncDispose]();
        await aborted.promise;
        await (await bench.bus("image-puller")).serve(ImagePuller, { node }, imagePuller());
        expect((await call).images).toHaveLength(1);
      });

      it("a closed bus fails what it waits for", async () => {
        const { caller, client } = await pair({ listImages: () => new Promise(() => {}) });
        const call = failure(client.listImages({}));
        await caller[Symbol.asyncDispose]();
        expect(await call).toMatchObject({ code: "CANCELLED" });
      });
    });

    describe("outages", () => {
      it("a call during an outage fails at its deadline with UNAVAILABLE", async () => {
        const { caller, client } = await pair();
        await bench.stop();
        try {
          await until(() => !caller.connected, "the caller notices");
          const startedMs = performance.now();
          expect(await failure(client.listImages({}, { timeoutMs: 500 }))).toMatchObject({ code: "UNAVAILABLE" });
          expect(performance.now() - startedMs).toBeGreaterThanOrEqual(495);
          expect(performance.now() - startedMs).toBeLessThan(6_000);
        } finally {
          await bench.start();
        }
      });

      it("a call made during an outage succeeds once it is over", async () => {
        const { caller, client } = await pair();
        await bench.stop();
        await until(() => !caller.connected, "the caller notices");
        const unary = client.listImages({}, { timeoutMs: 10_000 });
        const stream = collect(client.ensureImage({ image: "x" }, { timeoutMs: 10_000 }));
        await bench.start();
        expect((await unary).images).toHaveLength(1);
        expect(await stream).toHaveLength(1);
      });

      it("a call that was under way is answered, whether its handler ended during the outage or after it", async () => {
        const proceeds = [new Deferred(), new Deferred()];
        let calls = 0;
        const { provider, client } = await pair({
          listImages: async () => {
            await proceeds[calls++]?.promise;
            return {};
          },
        });
        const inFlight = [client.listImages({}, { timeoutMs: 10_000 }), client.listImages({}, { timeoutMs: 10_000 })];
        await until(() => calls === 2, "both run");
        await bench.stop();
        await until(() => !provider.connected, "the provider notices");
        proceeds[0]?.resolve();
        await bench.start();
        await until(() => provider.connected, "the provider is back");
        proceeds[1]?.resolve();
        await Promise.all(inFlight);
      });

      it("a stream that was under way fails promptly, and its handler ends", async () => {
        const aborted = new Deferred();
        const { client } = await pair({
          async *ensureImage(_request, { signal }) {
            yield imageUpdate("first");
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            aborted.resolve();
          },
        });
        const stream = client.ensureImage({})[Symbol.asyncIterator]();
        await stream.next();
        await bench.stop();
        try {
          expect(await failure(stream.next())).toMatchObject({ code: "UNAVAILABLE" });
          await aborted.promise;
        } finally {
          await bench.start();
        }
      });

      it("serving may begin during an outage", async () => {
        const provider = await bench.bus("image-puller");
        const client = (await bench.bus("pod-lifecycle")).client(ImagePuller, { node });
        await bench.stop();
        await until(() => !provider.connected, "the provider notices");
        const served = provider.serve(ImagePuller, { node }, imagePuller());
        await bench.start();
        await served;
        expect((await client.listImages({}, { timeoutMs: 10_000 })).images).toHaveLength(1);
      });
    });

    describe("traces", () => {
      const exporter = new InMemorySpanExporter();
      const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
      createTelemetry({ service: "test", level: "silent", env: {} }); // for its context manager
      afterEach(() => exporter.reset());

      async function traced<T>(work: () => Promise<T>) {
        const span = tracer.startSpan("caller");
        try {
          await context.with(trace.setSpan(ROOT_CONTEXT, span), work);
        } finally {
          span.end();
        }
        return span.spanContext();
      }

      const served = (label: string) => exporter.getFinishedSpans().find((span) => span.name === label);

      it("a call in a trace gets a server span that is active in its handler", async () => {
        const provider = await bench.bus("image-puller", { tracer });
        let inHandler: string | undefined;
        await provider.serve(
          ImagePuller,
          { node },
          imagePuller({
            async *ensureImage() {
              await Promise.resolve();
              inHandler = traceparentOf();
              yield imageUpdate("x");
            },
          }),
        );
        const client = (await bench.bus("pod-lifecycle")).client(ImagePuller, { node });
        const parent = await traced(() => collect(client.ensureImage({})));
        await until(() => served("ImagePuller.EnsureImage") !== undefined, "the span ends");
        const span = served("ImagePuller.EnsureImage");
        expect(span).toMatchObject({ kind: SpanKind.SERVER, parentSpanContext: { spanId: parent.spanId } });
        expect(span?.attributes).toMatchObject({ "messaging.system": "nats", "podbus.caller": "pod-lifecycle" });
        expect(inHandler).toContain(span?.spanContext().spanId);
      });

      it("a failed handler marks its span; a cancelled one does not", async () => {
        const provider = await bench.bus("image-puller", { tracer });
        await provider.serve(
          ImagePuller,
          { node },
          imagePuller({
            listImages: () => {
              throw new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: "gone" });
            },
            async *ensureImage() {
              yield imageUpdate("x");
              yield imageUpdate("x");
            },
          }),
        );
        const client = (await bench.bus("pod-lifecycle")).client(ImagePuller, { node });
        await traced(() => failure(client.listImages({})));
        await traced(async () => {
          const stream = client.ensureImage({})[Symbol.asyncIterator]();
          await stream.next();
          await stream.return?.();
        });
        await until(() => served("ImagePuller.EnsureImage") !== undefined, "the stream's span ends");
        expect(served("ImagePuller.ListImages")).toMatchObject({
          status: { code: SpanStatusCode.ERROR, message: "gone" },
          attributes: { "podbus.code": "NOT_FOUND", "podbus.reason": "NotFound" },
        });
        expect(served("ImagePuller.EnsureImage")?.status.code).toBe(SpanStatusCode.UNSET);
      });

      it("a watch has no span but its caller's context; a call outside a trace has neither", async () => {
        const provider = await bench.bus("api-gateway", { tracer });
        const seen: (string | undefined)[] = [];
        await provider.serve(
          NodeApi,
          { node: "*" },
          nodeApi({
            async *watchPods() {
              seen.push(traceparentOf());
              yield { event: { case: "synced", value: { revision: 1n } } };
            },
            renewLease: () => {
              seen.push(traceparentOf());
              return {};
            },
          }),
        );
        const client = (await bench.bus("pod-lifecycle")).client(NodeApi, { node });
        const parent = await traced(() => collect(client.watchPods({})));
        await client.renewLease({});
        expect(seen[0]).toContain(parent.spanId);
        expect(seen[1]).toBeUndefined();
        expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(["caller"]);
      });
    });

    it("bytes arrive as they were", async () => {
      const provider = await bench.bus("api-gateway");
      await provider.serve(NodeApi, { node: "*" }, nodeApi());
      const client = (await bench.bus("pod-lifecycle")).client(NodeApi, { node });
      const nodeJson = bytes(1_500_000);
      expect(Buffer.compare((await client.registerNode({ nodeJson })).nodeJson, nodeJson)).toBe(0);
    });
  });
}
