import { pause, systemClock } from "@podbus/clock";
import type { ApiClient } from "./api-client.ts";

export interface MirrorOptions {
  /** "/api/v1/configmaps" */
  readonly collection: string;
  readonly labelSelector?: string;
  /** Gets the present state as watch events instead of a list (sendInitialEvents). */
  readonly streamingList?: boolean;
}

interface MirroredObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
}

export interface MirroredEvent {
  readonly revision: number;
  readonly type: string;
  readonly key: string;
}

/** A time in which nothing may have been missed: everything after `from` up to `to` was seen. */
export interface Span {
  readonly from: number;
  to: number;
  readonly events: MirroredEvent[];
}

const keyOf = ({ metadata }: MirroredObject) => `${metadata.namespace}/${metadata.name}`;

/**
 * A client as client-go's reflector is: it lists, watches from there, resumes where a watch broke, and lists again when
 * it is told that it must (410). Whatever contradicts what it has seen before is a complaint.
 */
export class WatchMirror {
  readonly objects = new Map<string, MirroredObject>();
  readonly spans: Span[] = [];
  readonly complaints: string[] = [];
  readonly #api: ApiClient;
  readonly #options: MirrorOptions;

  constructor(api: ApiClient, options: MirrorOptions) {
    this.#api = api;
    this.#options = options;
  }

  /** The revision up to which it has seen everything. */
  get revision(): number {
    return this.spans.at(-1)?.to ?? 0;
  }

  /** Follows until the signal; broken connections and refusals are what it is there for. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#options.streamingList) await this.#streamingList(signal);
        else await this.#list();
        while (await this.#resume(signal));
      } catch {
        // No server at the moment: from the start again.
        await pause(systemClock, 50, signal);
      }
    }
  }

  async #list(): Promise<void> {
    const list = await this.#api.must("GET", this.#path());
    this.#replaceAll(list.items, Number(list.metadata.resourceVersion));
  }

  #replaceAll(items: readonly MirroredObject[], revision: number): void {
    if (revision < this.revision) this.complaints.push(`a list at ${revision} after ${this.revision} was seen`);
    this.objects.clear();
    for (const item of items) this.objects.set(keyOf(item), item);
    this.spans.push({ from: revision, to: revision, events: [] });
  }

  async #streamingList(signal: AbortSignal): Promise<void> {
    const items: MirroredObject[] = [];
    const query = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let initial = true;
    for await (const { type, object } of this.#api.watch(this.#path(query), signal)) {
      if (!initial) this.#observe(type, object);
      else if (type === "ADDED") items.push(object);
      else if (type === "BOOKMARK" && object.metadata.annotations?.["k8s.io/initial-events-end"] === "true") {
        this.#replaceAll(items, Number(object.metadata.resourceVersion));
        initial = false;
      } else throw new Error(`${type} among the initial events`);
    }
  }

  /** Watches from where it stands; false when it has to list again. */
  async #resume(signal: AbortSignal): Promise<boolean> {
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${this.revision}`;
    try {
      for await (const { type, object } of this.#api.watch(this.#path(query), signal)) {
        if (type === "ERROR") return false;
        this.#observe(type, object);
      }
    } catch {
      await pause(systemClock, 50, signal);
    }
    return !signal.aborted;
  }

  #observe(type: string, object: MirroredObject): void {
    const revision = Number(object.metadata.resourceVersion);
    const span = this.spans.at(-1);
    if (!span) throw new Error("an event before any list");
    if (type !== "BOOKMARK") this.#apply({ revision, type, key: keyOf(object) }, object, span);
    else if (revision < span.to) this.complaints.push(`a bookmark at ${revision} after ${span.to}`);
    span.to = Math.max(span.to, revision);
  }

  #apply(event: MirroredEvent, object: MirroredObject, span: Span): void {
    const { type, key, revision } = event;
    const known = this.objects.has(key);
    if (revision <= span.to) this.complaints.push(`${type} ${key} at ${revision} after ${span.to} was seen`);
    if (known === (type === "ADDED")) {
      this.complaints.push(`${type} ${key} at ${revision}, which was ${known ? "" : "not "}there`);
    }
    if (type === "DELETED") this.objects.delete(key);
    else this.objects.set(key, object);
    span.events.push(event);
  }

  #path(query = ""): string {
    const { collection, labelSelector } = this.#options;
    const selector = labelSelector ? `labelSelector=${encodeURIComponent(labelSelector)}` : "";
    return `${collection}?${[selector, query].filter(Boolean).join("&")}`;
  }
}
