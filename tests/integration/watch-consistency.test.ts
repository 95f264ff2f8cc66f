import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from "@kubernetes/client-node";
import { pause, systemClock } from "@podbus/clock";
import { eventually, eventuallyPasses } from "@podbus/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { RandomWriter, writeAction } from "../support/random-writer.ts";
import { type ProcessName, SeparateServices } from "../support/separate-services.ts";
import { type Span, WatchMirror } from "../support/watch-mirror.ts";

/**
 * Random writers, clients that watch in every way there is, and SIGKILLs of the gateway and of NATS. No client may see
 * an event twice, out of order or against what it knows; none may miss an acknowledged write in a time that it watched
 * without a break; and at the end all of them have what the store has. PODBUS_TEST_SEED repeats the writes.
 */
const seed = Number(process.env.PODBUS_TEST_SEED ?? Date.now() % 2 ** 31);
const namespaces = ["one", "two"] as const;
const names = 12;
const faults: readonly ProcessName[] = ["api-gateway", "nats-server", "api-gateway", "nats-server", "api-gateway"];
/** Writes that must be acknowledged between two faults, and after the last one. */
const writesBetweenFaults = 150;

let deployment: SeparateServices;
let api: ApiClient;

beforeAll(async () => {
  deployment = await SeparateServices.start([], ["nats-server", "api-gateway", "scheduler-admission"]);
  api = await ApiClient.fromKubeconfig(deployment.kubeconfig);
  for (const name of namespaces) await api.must("POST", "/api/v1/namespaces", { body: { metadata: { name } } });
}, 60_000);

afterAll(async () => {
  api?.[Symbol.dispose]();
  await deployment?.[Symbol.asyncDispose]();
});

describe(`watches over restarts of everything (PODBUS_TEST_SEED=${seed})`, () => {
  const all = "/api/v1/configmaps";
  const mirrorOptions = [
    { collection: all },
    { collection: all, streamingList: true },
    { collection: "/api/v1/namespaces/one/configmaps" },
    { collection: all, labelSelector: "side=a" },
    { collection: all, labelSelector: "side=a", streamingList: true },
  ];

  it("every client ends with the store's state, and none has lost or repeated an event", async () => {
    const stop = new AbortController();
    const mirrors = mirrorOptions.map((options) => new WatchMirror(api, options));
    const following = mirrors.map((mirror) => mirror.run(stop.signal));
    await using informer = await startInformer();
    const writers = [...namespaces, ...namespaces].map((namespace) => new RandomWriter(api, namespace));
    const writing = writers.map((writer, index) => write(writer, index, stop.signal));

    for (const victim of [...faults, undefined]) {
      await moreWrites(writers);
      if (victim) deployment.kill(victim);
    }
    stopWriting();
    await Promise.all(writing);

    for (const [at, { labelSelector, collection }] of mirrorOptions.entries()) {
      const query = labelSelector ? `?labelSelector=${encodeURIComponent(labelSelector)}` : "";
      await eventuallyPasses(
        async () => {
          const { items } = await api.must("GET", `${collection}${query}`);
          expect(versions([...(mirrors[at]?.objects.values() ?? [])])).toEqual(versions(items));
        },
        { timeoutMs: 30_000 },
      );
    }
    await eventuallyPasses(async () => {
      const { items } = await api.must("GET", all);
      expect(versions(informer.list())).toEqual(versions(items));
    });
    stop.abort();
    await Promise.all(following);

    expect(mirrors.flatMap(({ complaints }) => complaints)).toEqual([]);
    const [everything, streaming] = mirrors;
    expectSameEvents(everything?.spans ?? [], streaming?.spans ?? []);
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    for (const spans of [everything?.spans ?? [], streaming?.spans ?? []]) {
      const watched = acknowledged.filter((revision) => isWithin(spans, revision));
      expect(watched.length).toBeGreaterThan(writesBetweenFaults);
      expect(missed(watched, spans)).toEqual([]);
    }
  }, 180_000);
});

let writingStopped = false;

function stopWriting(): void {
  writingStopped = true;
}

async function write(writer: RandomWriter, index: number, signal: AbortSignal): Promise<void> {
  const plan = fc.sample(writeAction(names), { seed: seed + index, numRuns: 5_000 });
  for (const action of plan) {
    if (writingStopped || signal.aborted) return;
    await writer.perform(action);
    // Leaves the machine room for everybody else.
    await pause(systemClock, 2, signal);
  }
  throw new Error("the plan of writes was too short for the faults");
}

async function moreWrites(writers: readonly RandomWriter[]): Promise<void> {
  const count = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const enough = count() + writesBetweenFaults;
  await eventually(() => count() >= enough, { timeoutMs: 60_000, message: "the writes did not go on" });
}

/** The official client library's informer, started again whenever it says that it has ended. */
async function startInformer() {
  const config = new KubeConfig();
  config.loadFromFile(deployment.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1ConfigMap>(config, "/api/v1/configmaps", () => core.listConfigMapForAllNamespaces());
  const stopped = new AbortController();
  const start = async (): Promise<void> => {
    try {
      await informer.start();
    } catch {
      // No server at the moment.
      await pause(systemClock, 100, stopped.signal);
      if (!stopped.signal.aborted) await start();
    }
  };
  informer.on("error", () => {
    if (!stopped.signal.aborted) void start();
  });
  await start();
  return {
    list: () => [...informer.list()],
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await informer.stop();
    },
  };
}

interface Versioned {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly resourceVersion?: string };
}

function versions(objects: readonly Versioned[]): string[] {
  return objects
    .map(({ metadata = {} }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`)
    .sort();
}

/** In every time that both have watched without a break they have seen the same. */
function expectSameEvents(ones: readonly Span[], others: readonly Span[]): void {
  for (const one of ones) {
    for (const other of others) {
      const [from, to] = [Math.max(one.from, other.from), Math.min(one.to, other.to)];
      if (from < to) expect(within(one, from, to)).toEqual(within(other, from, to));
    }
  }
}

function within({ events }: Span, from: number, to: number): readonly object[] {
  return events.filter(({ revision }) => revision > from && revision <= to);
}

const isWithin = (spans: readonly Span[], revision: number) =>
  spans.some(({ from, to }) => revision > from && revision <= to);

function missed(revisions: readonly number[], spans: readonly Span[]): number[] {
  const seen = new Set(spans.flatMap(({ events }) => events.map(({ revision }) => revision)));
  return revisions.filter((revision) => !seen.has(revision));
}
