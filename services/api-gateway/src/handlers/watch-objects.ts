import { toPodbusError } from "@podbus/errors";
import { type KubeObject, statusFromError } from "@podbus/kube";
import type { StoredObject, WatchEvent } from "@podbus/store";
import { decideSelectorTransition } from "../domain/decide-selector-transition.ts";
import { EncodedObjects } from "../domain/encoded-objects.ts";
import { decideWatchStart, type ListOptions, parseListOptions } from "../domain/list-options.ts";
import { type Presentation, presentObject } from "../domain/present-object.ts";
import { parseSelection, type Selection } from "../domain/selection.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { reachRevision } from "../objects/reach-revision.ts";
import type { GatewayPorts } from "../ports.ts";
import { invalidListOption } from "./list-objects.ts";

/** kube-apiserver's --min-request-timeout: a watch ends after one to two times this, so that clients spread. */
const leastWatchSeconds = 1800;
const bookmarkEveryMs = 60_000;
/** Its connection's buffers are full by then; it goes on where it was (kube-apiserver ends it at once: storage/cacher). */
const stalledMs = 10_000;
/** Of all watches together. */
const encoded = new EncodedObjects(512);

export async function watchObjects(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const presentation = presentationOf(call, ports.clock.now());
  const options = watchOptionsOf(call);
  const selects = parseSelection(call.resource, options.labelSelector, options.fieldSelector);
  const start = decideWatchStart(options);
  if (start.kind === "invalid") throw invalidListOption(start);
  if (start.kind === "initial" && start.revision.kind !== "invalid")
    await reachRevision(ports, start.revision, call.signal);

  const watch = new WatchStream(ports, call, { options, selects, presentation });
  const chunks = start.kind === "after" ? watch.after(start.revision) : watch.fromPresent(start.endBookmark);
  return { kind: "stream", contentType: "application/json", chunks, stalledMs };
}

/** A watch of one name is a watch by field selector. */
function watchOptionsOf(call: ResourceCall): ListOptions {
  const options = parseListOptions(call.query);
  if (call.info.name === "") return options;
  const byName = `metadata.name=${call.info.name}`;
  return { ...options, fieldSelector: options.fieldSelector === "" ? byName : `${options.fieldSelector},${byName}` };
}

interface WatchSubject {
  readonly options: ListOptions;
  readonly selects: Selection;
  readonly presentation: Presentation;
}

type Line = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** One watch as lines of JSON. A table's column definitions come with its first event only. */
class WatchStream {
  readonly #ports: GatewayPorts;
  readonly #call: ResourceCall;
  readonly #subject: WatchSubject;
  #columnsSent = false;

  constructor(ports: GatewayPorts, call: ResourceCall, subject: WatchSubject) {
    this.#ports = ports;
    this.#call = call;
    this.#subject = subject;
  }

  async *fromPresent(endBookmark: boolean): AsyncGenerator<string> {
    const { items, revision } = this.#ports.store.cache.list<KubeObject>(this.#resource, this.#namespace);
    for (const { value } of items) {
      if (this.#subject.selects(value)) yield this.#line("ADDED", value);
    }
    if (endBookmark) yield this.#bookmark(revision, { "k8s.io/initial-events-end": "true" });
    yield* this.after(revision);
  }

  async *after(fromRevision: number): AsyncGenerator<string> {
    using ends = this.#timeout();
    const watch = this.#ports.store.cache.watch<KubeObject>({
      resource: this.#resource,
      ...(this.#namespace === undefined ? {} : { namespace: this.#namespace }),
      fromRevision,
      signal: AbortSignal.any([this.#call.signal, ends.signal]),
    });
    try {
      let next = watch.next();
      for (;;) {
        const result = await this.#nextOrBookmark(next);
        if (result === "bookmark") {
          yield this.#bookmark(watch.revision);
          continue;
        }
        if (result.done) {
          // The client goes on from here: the better it knows where that is, the less it has to be told again.
          const byTimeout = ends.signal.aborted && !this.#call.signal.aborted;
          if (byTimeout && this.#subject.options.allowWatchBookmarks) yield this.#bookmark(watch.revision);
          return;
        }
        const line = this.#lineOf(result.value);
        if (line !== undefined) yield line;
        next = watch.next();
      }
    } catch (error) {
      yield this.#errorLine(error);
    } finally {
      await watch.return?.();
    }
  }

  get #resource(): string {
    return this.#call.resource.storageResource;
  }

  get #namespace(): string | undefined {
    return this.#call.info.namespace === "" ? undefined : this.#call.info.namespace;
  }

  #timeout(): Disposable & { readonly signal: AbortSignal } {
    const seconds = this.#subject.options.timeoutSeconds ?? leastWatchSeconds * (1 + Math.random());
    const controller = new AbortController();
    const cancel = this.#ports.clock.after(seconds * 1000, () => controller.abort());
    return { signal: controller.signal, [Symbol.dispose]: cancel };
  }

  async #nextOrBookmark<T>(next: Promise<T>): Promise<T | "bookmark"> {
    if (!this.#subject.options.allowWatchBookmarks) return next;
    const due = Promise.withResolvers<T | "bookmark">();
    const cancel = this.#ports.clock.after(bookmarkEveryMs, () => due.resolve("bookmark"));
    // Whichever comes first: an event that is handed out is sent before any bookmark that covers it.
    next.then(due.resolve, due.reject);
    try {
      return await due.promise;
    } finally {
      cancel();
    }
  }

  #lineOf(event: WatchEvent<KubeObject>): string | undefined {
    const { selects } = this.#subject;
    const matchedBefore = event.type !== "ADDED" && selects(event.previous.value);
    const change = decideSelectorTransition({
      matchedBefore,
      matchesNow: event.type !== "DELETED" && selects(event.object.value),
    });
    if (change === "none") return undefined;
    // What left the selection is shown as it last was in it, at the revision at which it left.
    const left = change === "DELETED" && event.type === "MODIFIED";
    return this.#line(change, left ? atRevision(event.previous, event.object.revision) : event.object.value);
  }

  #line(type: Line, object: KubeObject): string {
    const { negotiated, resource } = this.#subject.presentation;
    const asStored = negotiated.as === "object" && resource.fromStored(object) === object;
    return asStored ? `{"type":"${type}","object":${encoded.textOf(object)}}\n` : frame(type, this.#present(object));
  }

  #present(object: KubeObject): object {
    const presentation = { ...this.#subject.presentation, now: this.#ports.clock.now() };
    const document = presentObject(object, presentation);
    if (presentation.negotiated.as !== "Table") return document;
    const columns = this.#columnsSent ? { columnDefinitions: [] } : {};
    this.#columnsSent = true;
    return { ...document, ...columns };
  }

  #bookmark(revision: number, annotations?: Record<string, string>): string {
    const { negotiated, resource } = this.#subject.presentation;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
    const object = { kind: resource.kind, apiVersion, metadata };
    if (negotiated.as === "object") return frame("BOOKMARK", object);
    const meta = `meta.k8s.io/${negotiated.version}`;
    if (negotiated.as !== "Table") return frame("BOOKMARK", { kind: negotiated.as, apiVersion: meta, metadata });
    const row = { cells: [], object: { kind: "PartialObjectMetadata", apiVersion: meta, metadata } };
    return frame("BOOKMARK", {
      kind: "Table",
      apiVersion: meta,
      metadata: { resourceVersion: String(revision) },
      columnDefinitions: [],
      rows: [row],
    });
  }

  #errorLine(error: unknown): string {
    const status = statusFromError(error);
    if (toPodbusError(error).code === "INTERNAL") this.#ports.log.error({ err: error }, "a watch failed");
    return frame("ERROR", status);
  }
}

function frame(type: Line, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function atRevision({ value }: StoredObject<KubeObject>, revision: number): KubeObject {
  return { ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } };
}
