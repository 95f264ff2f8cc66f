import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { createLogger } from "@podbus/telemetry";
import { expect, it } from "vitest";
import type { Bytes, Ingest } from "../domain/download-progress.ts";
import { type ImageReference, parseImageReference } from "../domain/image-reference.ts";
import type { Downloads } from "../ports.ts";
import { DownloadWatch } from "./download-watch.ts";

/** Images of one layer each: one in a/a of 100 bytes, one in b/b and two in c/c of 50. */
class FakeDownloads implements Downloads {
  readonly asked: string[] = [];
  arriving: Ingest[] = [];
  readonly here = new Set<string>();
  failure: PodbusError | undefined;

  async ingests() {
    this.asked.push("ingests");
    if (this.failure) throw this.failure;
    return this.arriving;
  }
  async manifestsOf({ path }: ImageReference) {
    this.asked.push("manifests");
    const digests = path === "c/c" ? ["c/c 1", "c/c 2"] : [path];
    return digests.map((digest) => ({ digest, layerDigests: [`layer of ${digest}`] }));
  }
  async layersOf(digest: string) {
    this.asked.push("layers");
    return [{ digest: `layer of ${digest}`, sizeBytes: digest === "a/a" ? 100n : 50n }];
  }
  async present(digests: readonly string[]) {
    this.asked.push("present");
    return new Set(digests.filter((digest) => this.here.has(digest)));
  }
}

function setUp() {
  const clock = new FakeClock();
  const downloads = new FakeDownloads();
  const log = createLogger({ service: "image-puller", level: "silent" });
  const watch = new DownloadWatch({ downloads, clock, log });
  const arrive = (image: string, doneBytes: bigint) =>
    downloads.arriving.push({ digest: `layer of ${image}`, doneBytes, updatedAtMs: clock.now() });
  const listen = (image: string) => {
    const told: Bytes[] = [];
    const listener = {
      isFollowed: true,
      followed: () => listener.isFollowed,
      bytes: (bytes: Bytes) => told.push(bytes),
    };
    const parsed = parseImageReference(image);
    if (!parsed.ok) throw new Error(parsed.message);
    return { told, listener, stop: watch.watch(parsed.reference, listener) };
  };
  return { clock, downloads, arrive, listen };
}

it("tells how far a pull is, from its first layer on its way to its last one here", async () => {
  const { clock, downloads, arrive, listen } = setUp();
  const { told, stop } = listen("a/a");
  await clock.step(300);
  expect(told).toEqual([]);
  arrive("a/a", 40n);
  await clock.step(300);
  downloads.arriving = [];
  downloads.here.add("layer of a/a");
  await clock.step(300);
  stop();
  expect(told).toEqual([
    { done: 40n, total: 100n },
    { done: 100n, total: 100n },
  ]);
  expect(downloads.asked.filter((call) => call === "layers")).toHaveLength(1);
});

it("asks once for all pulls", async () => {
  const { clock, downloads, arrive, listen } = setUp();
  const [a, b] = [listen("a/a"), listen("b/b")];
  arrive("a/a", 40n);
  arrive("b/b", 10n);
  await clock.step(300);
  expect([a.told, b.told]).toEqual([[{ done: 40n, total: 100n }], [{ done: 10n, total: 50n }]]);
  expect(downloads.asked.filter((call) => call === "ingests")).toHaveLength(1);
});

it("tells two pulls of one repository apart where the first one is known when the second begins", async () => {
  const { clock, arrive, listen } = setUp();
  const first = listen("c/c:1");
  arrive("c/c 1", 10n);
  await clock.step(300);
  const second = listen("c/c:2");
  arrive("c/c 2", 20n);
  await clock.step(300);
  expect(first.told.at(-1)).toEqual({ done: 10n, total: 50n });
  expect(second.told).toEqual([{ done: 20n, total: 50n }]);
});

it("tells nothing of two that begin at the same time", async () => {
  const { clock, arrive, listen } = setUp();
  const both = [listen("c/c:1"), listen("c/c:2")];
  arrive("c/c 1", 10n);
  arrive("c/c 2", 20n);
  await clock.step(300);
  expect(both.map(({ told }) => told)).toEqual([[], []]);
});

it("asks nothing without a pull, of a short one, or while nobody follows", async () => {
  const { clock, downloads, listen } = setUp();
  const short = listen("a/a");
  await clock.step(299);
  short.stop();
  await clock.step(10_000);
  const alone = listen("a/a");
  alone.listener.isFollowed = false;
  await clock.step(10_000);
  expect(downloads.asked).toEqual([]);
  alone.stop();
  expect(clock.waiting).toBe(0);
});

it("goes on after a failure", async () => {
  const { clock, downloads, arrive, listen } = setUp();
  const { told } = listen("a/a");
  arrive("a/a", 40n);
  downloads.failure = new PodbusError({ code: "UNAVAILABLE", message: "gone" });
  await clock.step(300);
  downloads.failure = undefined;
  await clock.step(300);
  expect(told).toHaveLength(1);
});

it("asks a runtime that has no content store once", async () => {
  const { clock, downloads, listen } = setUp();
  downloads.failure = new PodbusError({ code: "UNIMPLEMENTED", message: "unknown service" });
  const first = listen("a/a");
  const second = listen("b/b");
  await clock.step(10_000);
  first.stop();
  second.stop();
  expect(downloads.asked).toEqual(["ingests"]);
  expect(clock.waiting).toBe(0);
});
