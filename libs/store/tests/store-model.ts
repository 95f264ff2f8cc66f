import type { ObjectStore, StorableObject, WatchEvent } from "../src/object-store.ts";

export interface Thing extends StorableObject {
  /** Unique per attempted write. */
  readonly data: string;
}

export const keyOf = (name: string) => ({ resource: "pods", namespace: "default", name });

/** One write that was tried, and what became of it. */
export interface Attempt {
  readonly name: string;
  readonly type: "create" | "update" | "delete";
  readonly data: string;
  /** The revision that an update or deletion stood on. */
  readonly from: number;
  outcome: "acknowledged" | "refused" | "unknown";
  revision: number;
}

/** The stream's last message of a name. */
export interface LastWord {
  readonly revision: number;
  readonly data: string;
}

/** What one watch saw, checked event by event against what it knew: ordered, complete, unique. */
export class WatchedModel {
  readonly events: {
    readonly revision: number;
    readonly type: string;
    readonly name: string;
    readonly data: string;
  }[] = [];
  readonly violations: string[] = [];
  /** From each list up to where its watch came: all that happened in between must have been seen. */
  readonly segments: { readonly from: number; to: number }[] = [];
  expirations = 0;
  revision = 0;
  #objects = new Map<string, { revision: number; data: string }>();

  get state(): Record<string, number> {
    const objects = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(objects.map(([name, object]) => [name, object.revision]));
  }

  /** Lists and watches until the signal; lists again when the watch says that it has expired. */
  async follow(store: ObjectStore, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#relist(store);
      try {
        const options = { resource: "pods", fromRevision: this.revision, signal };
        for await (const event of store.cache.watch<Thing>(options)) this.#see(event);
      } catch (error) {
        if (!(error instanceof Error && "reason" in error && error.reason === "Expired")) throw error;
        this.expirations++;
      }
    }
  }

  #relist(store: ObjectStore): void {
    const list = store.cache.list<Thing>("pods");
    this.#check(list.revision >= this.revision, `a list went back from ${this.revision} to ${list.revision}`);
    this.revision = list.revision;
    this.segments.push({ from: list.revision, to: list.revision });
    this.#objects = new Map(list.items.map((o) => [o.key.name, { revision: o.revision, data: o.value.data }]));
  }

  #see(event: WatchEvent<Thing>): void {
    const { object, type } = event;
    const { name } = object.key;
    const known = this.#objects.get(name);
    const where = `${type} ${name} at ${object.revision}`;
    this.#check(object.revision > this.revision, `${where} came after ${this.revision}`);
    this.#check(object.value.metadata.resourceVersion === String(object.revision), `${where} has another version`);
    this.#check((type === "ADDED") === (known === undefined), `${where} does not follow from ${known?.revision}`);
    if (event.type !== "ADDED") {
      this.#check(
        event.previous.revision === known?.revision,
        `${where} has a wrong previous ${event.previous.revision}`,
      );
    }
    this.revision = object.revision;
    const segment = this.segments.at(-1);
    if (segment) segment.to = object.revision;
    this.events.push({ revision: object.revision, type, name, data: object.value.data });
    if (type === "DELETED") this.#objects.delete(name);
    else this.#objects.set(name, { revision: object.revision, data: object.value.data });
  }

  #check(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }
}

/** What cannot be, given every attempt and everything that any watch saw. */
export function findContradictions(
  attempts: readonly Attempt[],
  models: readonly WatchedModel[],
  last: ReadonlyMap<string, LastWord>,
): string[] {
  const found = models.flatMap((model) => model.violations);
  const byData = new Map(attempts.map((attempt) => [attempt.data, attempt]));
  const landed = new Map<number, { name: string; data: string }>();
  const note = (revision: number, name: string, data: string, who: string) => {
    const known = landed.get(revision);
    if (known && known.data !== data) found.push(`${who}: revision ${revision} is both ${known.data} and ${data}`);
    landed.set(revision, { name, data });
    const attempt = byData.get(data);
    if (!attempt) found.push(`${who}: nobody wrote ${data}`);
    else if (attempt.outcome === "refused") found.push(`${who}: ${data} was refused and landed at ${revision}`);
    else if (attempt.outcome === "acknowledged" && attempt.revision !== revision) {
      found.push(`${who}: ${data} was acknowledged at ${attempt.revision} and landed at ${revision}`);
    }
  };
  for (const a of attempts) if (a.outcome === "acknowledged") note(a.revision, a.name, a.data, "acknowledged");
  for (const [index, model] of models.entries()) {
    for (const event of model.events) note(event.revision, event.name, event.data, `watch ${index}`);
  }
  for (const [name, { revision, data }] of last) note(revision, name, data, "stream");
  const missed = models.flatMap((model, index) => missedEvents(model, landed).map((m) => `watch ${index} ${m}`));
  return [...found, ...missed, ...lostWrites(attempts, last), ...doubleWins(attempts, landed)];
}

/** Whatever landed within a segment of a watch was seen by it. */
function missedEvents(model: WatchedModel, landed: ReadonlyMap<number, { readonly data: string }>): string[] {
  const seen = new Set(model.events.map((event) => event.revision));
  return [...landed]
    .filter(([revision]) => !seen.has(revision))
    .filter(([revision]) => model.segments.some(({ from, to }) => from < revision && revision < to))
    .map(([revision, { data }]) => `missed ${data} at ${revision}`);
}

/** An acknowledged write must be the last word of its name, or older than it. */
function lostWrites(attempts: readonly Attempt[], last: ReadonlyMap<string, { readonly revision: number }>): string[] {
  return attempts
    .filter((a) => a.outcome === "acknowledged" && a.revision > (last.get(a.name)?.revision ?? 0))
    .map((a) => `${a.data} was acknowledged at ${a.revision} and is lost`);
}

/** Between the revision that a write stood on and its own there is no other write of that name. */
function doubleWins(
  attempts: readonly Attempt[],
  landed: ReadonlyMap<number, { readonly name: string; readonly data: string }>,
): string[] {
  return attempts
    .filter((a) => a.outcome === "acknowledged" && a.type !== "create")
    .flatMap((a) =>
      [...landed]
        .filter(([revision, write]) => write.name === a.name && revision > a.from && revision < a.revision)
        .map(
          ([revision, write]) => `${a.data} (from ${a.from} to ${a.revision}) jumped over ${write.data} at ${revision}`,
        ),
    );
}
