import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { systemClock } from "@podbus/clock";
import { isCode, PodbusError } from "@podbus/errors";
import { startNats, type TestNatsServer } from "@podbus/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEnvelope } from "../src/domain/envelope.ts";
import { openStore } from "../src/nats-store.ts";
import type { ObjectStore } from "../src/object-store.ts";
import { connectThrough } from "./connect-through.ts";
import { type Attempt, findContradictions, keyOf, type LastWord, type Thing, WatchedModel } from "./store-model.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** All runs together; PODBUS_TEST_SEED repeats one. */
const budgetMs = 30_000;
const seed = Number(process.env.PODBUS_TEST_SEED ?? Date.now() % 2 ** 31);

type Operation = { readonly kind: "create" | "update" | "stale-update" | "delete" | "latest"; readonly name: string };
interface Fault {
  readonly afterOperations: number;
  /** What happens to the server; or the first store is cut off, while the others go on. */
  readonly kind: "SIGTERM" | "SIGKILL" | "partition";
  readonly outageMs: number;
}
interface Scenario {
  readonly workers: readonly (readonly Operation[])[];
  readonly faults: readonly Fault[];
  /** Tombstones are removed almost at once. Then the server is not killed: see `tombstoneAgeMs`. */
  readonly purging: boolean;
}

const names = ["a", "b", "c", "d"];
const operation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom("create", "create", "update", "update", "update", "update", "stale-update", "delete", "latest"),
  // The first name is written more often than history keeps.
  name: fc.constantFrom("a", "a", "a", ...names),
});
const scenario: fc.Arbitrary<Scenario> = fc.record({
  workers: fc.array(fc.array(operation, { minLength: 20, maxLength: 80 }), { minLength: 3, maxLength: 3 }),
  faults: fc.array(
    fc.record({
      afterOperations: fc.integer({ min: 1, max: 150 }),
      kind: fc.constantFrom("SIGTERM", "SIGKILL", "partition"),
      outageMs: fc.integer({ min: 0, max: 200 }),
    }),
    { maxLength: 3 },
  ),
  purging: fc.boolean(),
});

let nats: TestNatsServer;
let runs = 0;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats[Symbol.asyncDispose]());

describe("stores on a server that dies", () => {
  it(`agree with the model (seed ${seed})`, { timeout: 2 * budgetMs }, async () => {
    const totals = { runs: 0, acknowledged: 0, refused: 0, unknown: 0, expirations: 0, events: 0 };
    let current: ReturnType<typeof play> | undefined;
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        current = play(given);
        const result = await current;
        expect(result.contradictions).toEqual([]);
        totals.runs++;
        for (const { outcome } of result.attempts) totals[outcome]++;
        for (const model of result.models) {
          totals.expirations += model.expirations;
          totals.events += model.events.length;
        }
      }),
      // A failing run is not shrunk: the same operations do not meet the same timing again.
      { seed, numRuns: 1000, endOnFailure: true, interruptAfterTimeLimit: budgetMs },
    );
    // Where time is up, fast-check leaves the last run as it is: it ends here, and counts as well.
    expect((await current)?.contradictions).toEqual([]);
    process.stdout.write(`store model, seed ${seed}: ${JSON.stringify(totals)}\n`);
    expect(totals.runs).toBeGreaterThan(1);
    expect(totals.acknowledged).toBeGreaterThan(0);
  });
});

async function play(given: Scenario) {
  await using resources = new AsyncDisposableStack();
  const bucket = `model-${runs++}`;
  const proxy = resources.use(await startTcpProxy(nats.port));
  const open = async (port: number) => {
    const connection = await connectThrough(port);
    resources.defer(() => connection.close());
    const tombstoneAgeMs = given.purging ? 20 : 600_000;
    return resources.use(await openStore({ connection, clock: systemClock, bucket, tombstoneAgeMs }));
  };
  const stores = await Promise.all(given.workers.map((_, i) => open(i === 0 ? proxy.port : nats.port)));
  const stop = new AbortController();
  const models = stores.map(() => new WatchedModel());
  const watching = stores.map((store, i) => models[i]?.follow(store, stop.signal));

  const attempts: Attempt[] = [];
  const progress = new Progress();
  const faults = causeFaults(given, progress, proxy);
  await Promise.all(
    stores.map((store, i) => work(store, `w${i}`, given.workers[i] ?? [], attempts, () => progress.advance())),
  );
  progress.finish();
  await faults;

  const fresh = await open(nats.port);
  const latest = await fresh.latestRevision();
  await Promise.all(stores.map((store) => store.cache.waitForRevision(latest, AbortSignal.timeout(25_000))));
  // Watches hand out what the cache has before the next turn of the event loop.
  await new Promise(setImmediate);
  const connection = await connectThrough(nats.port);
  resources.defer(() => connection.close());
  const last = await lastWords(connection, bucket);
  const contradictions = [...withPurged(last, attempts, models), ...findContradictions(attempts, models, last)];
  const expected = namesAndRevisions(fresh);
  for (const [i, store] of stores.entries()) {
    const states = { cache: namesAndRevisions(store), watch: models[i]?.state };
    if (JSON.stringify(states) !== JSON.stringify({ cache: expected, watch: expected })) {
      contradictions.push(`store ${i} ends with ${JSON.stringify(states)} instead of ${JSON.stringify(expected)}`);
    }
  }
  stop.abort();
  await Promise.all(watching);
  return { contradictions, attempts, models };
}

async function work(
  store: ObjectStore,
  worker: string,
  operations: readonly Operation[],
  attempts: Attempt[],
  done: () => void,
): Promise<void> {
  const stale = new Map<string, number>();
  for (const [index, { kind, name }] of operations.entries()) {
    const current = store.cache.get<Thing>(keyOf(name));
    const from = (kind === "stale-update" ? stale.get(name) : current?.revision) ?? 1;
    if (current) stale.set(name, current.revision);
    if (kind === "latest") {
      // Fails only while the server is away for long; the writes say the same.
      await store.latestRevision().catch((error: unknown) => expectCode(error));
    } else {
      const type = kind === "stale-update" ? "update" : kind;
      await attempt(store, { name, type, data: `${worker}-${index}`, from, outcome: "unknown", revision: 0 }, attempts);
    }
    done();
  }
}

async function attempt(store: ObjectStore, wanted: Attempt, attempts: Attempt[]): Promise<void> {
  attempts.push(wanted);
  const key = keyOf(wanted.name);
  const value: Thing = { metadata: { name: wanted.name, namespace: "default" }, data: wanted.data };
  try {
    const written =
      wanted.type === "create"
        ? await store.create(key, value)
        : wanted.type === "update"
          ? await store.update(key, value, wanted.from)
          : await store.delete(key, wanted.from, value);
    wanted.outcome = "acknowledged";
    wanted.revision = written.revision;
    // You read what you wrote: the cache is there, or beyond.
    if (store.cache.revision < written.revision) throw new Error(`the cache is behind ${written.revision}`);
  } catch (error) {
    wanted.outcome = expectCode(error) === "UNAVAILABLE" ? "unknown" : "refused";
  }
}

function expectCode(error: unknown): string {
  if (error instanceof PodbusError && isCode(error.code)) return error.code;
  throw error;
}

class Progress {
  #count = 0;
  #finished = false;
  #wake = () => {};

  advance(): void {
    this.#count++;
    this.#wake();
  }

  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  /** Resolves when so many operations are done, or all of them. */
  async reached(count: number): Promise<void> {
    while (this.#count < count && !this.#finished) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function causeFaults({ faults, purging }: Scenario, progress: Progress, proxy: TcpProxy): Promise<void> {
  for (const { kind, afterOperations, outageMs } of [...faults].sort((a, b) => a.afterOperations - b.afterOperations)) {
    await progress.reached(afterOperations);
    // Not between two requests, where `reached` stands, but somewhere within one.
    await systemClock.sleep(afterOperations % 3);
    const partition = kind === "partition" || purging;
    await (partition ? proxy.cut() : nats.kill(kind));
    // The length of the outage is part of the scenario.
    await systemClock.sleep(outageMs);
    await (partition ? proxy.restore() : nats.restart());
  }
}

async function lastWords(connection: NatsConnection, bucket: string) {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const last = new Map<string, LastWord>();
  for (const name of names) {
    const query = { last_by_subj: `$KV.${bucket}.pods.default.${name}` };
    const message = await manager.streams.getMessage(`KV_${bucket}`, query);
    if (!message) continue;
    const envelope = openEnvelope(message.data);
    const value = envelope.kind === "live" ? envelope.value : envelope.kind === "tombstone" ? envelope.last : undefined;
    last.set(name, { revision: message.seq, data: String((value as Thing | undefined)?.data) });
  }
  return last;
}

/** Where the tombstone has been removed, the last that anyone knows must have been a deletion; adds that to `last`. */
function withPurged(
  last: Map<string, LastWord>,
  attempts: readonly Attempt[],
  models: readonly WatchedModel[],
): string[] {
  const contradictions: string[] = [];
  for (const name of names.filter((n) => !last.has(n))) {
    const acknowledged = attempts.filter((a) => a.outcome === "acknowledged");
    const known = [...acknowledged, ...models.flatMap((model) => model.events)].filter((k) => k.name === name);
    const newest = known.sort((a, b) => b.revision - a.revision)[0];
    if (!newest) continue;
    last.set(name, { revision: newest.revision, data: newest.data });
    if (!["delete", "DELETED"].includes(newest.type))
      contradictions.push(`${newest.data} is gone, and nobody deleted it`);
  }
  return contradictions;
}

function namesAndRevisions(store: ObjectStore): Record<string, number> {
  return Object.fromEntries(store.cache.list("pods").items.map((o) => [o.key.name, o.revision]));
}
