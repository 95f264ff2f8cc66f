import { PodbusError } from "@podbus/errors";
import {
  equalJson,
  type KubeObject,
  type Namespace,
  namespaceFinalizer,
  type ResourceDefinition,
  resources,
} from "@podbus/kube";
import type { StoredObject } from "@podbus/store";
import { deleteStoredObject } from "../deletion/delete-stored-object.ts";
import { finalizersOf } from "../domain/object-metadata.ts";
import { wasOvertaken } from "../objects/change-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { ensureNamespaceContent } from "./namespace-content.ts";

type ControllerPorts = Pick<GatewayPorts, "store" | "clock" | "log">;

/** Nothing tells that a pod's object is at last gone but its own watch; this is the net below it. */
const recheckMs = 5000;
const retryMs = 500;

/**
 * Fills new namespaces and empties terminating ones. Level-triggered and idempotent: every replica may run it.
 */
export class NamespaceController implements AsyncDisposable {
  readonly #ports: ControllerPorts;
  readonly #authorityPem: string;
  readonly #stopping = new AbortController();
  readonly #dirty = new Set<string>();
  readonly #running: readonly Promise<void>[];
  #wake: (() => void) | undefined;

  constructor(ports: ControllerPorts, authorityPem: string) {
    this.#ports = ports;
    this.#authorityPem = authorityPem;
    const watched = ["namespaces", ...Array.from(contentKinds(), ({ storageResource }) => storageResource)];
    this.#running = [this.#work(), ...watched.map((resource) => this.#watch(resource))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await Promise.all(this.#running);
  }

  #mark(namespace: string): void {
    this.#dirty.add(namespace);
    this.#wake?.();
  }

  /** A namespace's own changes matter always, its objects' only while it goes away. */
  async #watch(resource: string): Promise<void> {
    const { signal } = this.#stopping;
    const { store, clock, log } = this.#ports;
    while (!signal.aborted) {
      const { items, revision } = store.cache.list<KubeObject>(resource);
      if (resource === "namespaces") for (const { key } of items) this.#mark(key.name);
      try {
        for await (const { type, object } of store.cache.watch<KubeObject>({
          resource,
          fromRevision: revision,
          signal,
        })) {
          if (resource === "namespaces") this.#mark(object.key.name);
          else if (type === "DELETED" && this.#isTerminating(object.key.namespace)) this.#mark(object.key.namespace);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, resource }, "the namespace controller lost a watch and lists again");
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  #isTerminating(namespace: string): boolean {
    const found = this.#ports.store.cache.get<Namespace>({ resource: "namespaces", namespace: "", name: namespace });
    return found?.value.metadata.deletionTimestamp !== undefined;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const [namespace] = this.#dirty;
      if (namespace === undefined) {
        const woken = Promise.withResolvers<void>();
        this.#wake = woken.resolve;
        await woken.promise;
        continue;
      }
      this.#dirty.delete(namespace);
      await this.#reconcile(namespace);
    }
  }

  async #reconcile(namespace: string): Promise<void> {
    const { store, clock, log } = this.#ports;
    const found = store.cache.get<Namespace>({ resource: "namespaces", namespace: "", name: namespace });
    if (!found) return;
    try {
      if (found.value.metadata.deletionTimestamp === undefined) {
        await ensureNamespaceContent({ store, now: clock.now() }, namespace, this.#authorityPem);
      } else if (!(await this.#empty(found))) this.#again(namespace, recheckMs);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      log.warn({ err: error, namespace }, "a namespace could not be brought up to date; trying again");
      this.#again(namespace, retryMs);
    }
  }

  #again(namespace: string, afterMs: number): void {
    const { signal } = this.#stopping;
    this.#ports.clock.sleep(afterMs, signal).then(
      () => this.#mark(namespace),
      () => undefined,
    );
  }

  /** Deletes what is in it; then itself. False while something is left. */
  async #empty(namespace: StoredObject<Namespace>): Promise<boolean> {
    const { store, clock } = this.#ports;
    let left = 0;
    for (const resource of contentKinds()) {
      for (const { key, value } of store.cache.list<KubeObject>(resource.storageResource, namespace.key.name).items) {
        const deleted =
          value.metadata.deletionTimestamp === undefined
            ? await deleteStoredObject({ store, clock }, { resource, key, dryRun: false })
            : { removed: false };
        if (deleted && !deleted.removed) left++;
      }
    }
    return left === 0 && this.#release(namespace);
  }

  /** Its content is gone: it goes too, or waits for whoever else holds it. False if it changed meanwhile. */
  async #release({ key, value, revision }: StoredObject<Namespace>): Promise<boolean> {
    const { store } = this.#ports;
    const finalizers = (value.spec?.finalizers ?? []).filter((name) => name !== namespaceFinalizer);
    const released = { ...value, spec: { ...value.spec, finalizers } };
    try {
      if (finalizersOf(released).length === 0) await store.delete(key, revision);
      else if (!equalJson(released, value)) await store.update(key, released, revision);
      return true;
    } catch (error) {
      if (error instanceof PodbusError && wasOvertaken(error)) return false;
      throw error;
    }
  }
}

/** Each kind of stored object once, whatever the number of its faces. */
function contentKinds(): Iterable<ResourceDefinition> {
  return new Map(resources.filter(({ namespaced }) => namespaced).map((row) => [row.storageResource, row])).values();
}
