import { BackOffTable, pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { type MirrorStep, mirroredUid, mirrorOf, nextMirrorStep } from "../domain/mirror-pod.ts";
import { nameOf } from "../domain/plan-static-pods.ts";
import { type PodIdentity, podRefOf } from "../domain/pod-ref.ts";
import { canonicalText } from "../domain/same-status.ts";
import type { NodeServices } from "../ports.ts";

export interface MirrorPodsOptions extends Pick<NodeServices, "api" | "clock" | "log"> {
  /** The static pod of that "namespace/name", as it is now. */
  readonly staticPod: (name: string) => Pod | undefined;
}

/** kubectl, which waits for the end of what it deletes, misses it where the next one of that name is there at once. */
const pauseMs = 1_000;
const retry = { initialMs: 500, maxMs: 10_000 };

/**
 * Shows the node's static pods in the API, as long as that can be reached. What is there is made equal to what is here:
 * a mirror that someone deletes comes again, one that shows nothing is removed.
 */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  readonly #stopping = new AbortController();
  /** What the API shows, by name. */
  readonly #mirrors = new Map<string, Pod>();
  /** The status that a mirror was told last, by its own uid. */
  readonly #told = new Map<string, string>();
  /** Steps whose effect the feed has not shown yet. */
  readonly #asked = new Map<string, MirrorStep>();
  /** Names whose mirror has just gone. */
  readonly #pausing = new Set<string>();
  readonly #working = new Set<string>();
  readonly #backOff = new BackOffTable(retry);
  #listed = false;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  /** All mirrors of this node. */
  listed(mirrors: readonly Pod[], staticNames: readonly string[]): void {
    const names = new Set([...this.#mirrors.keys(), ...staticNames]);
    this.#mirrors.clear();
    this.#asked.clear();
    this.#listed = true;
    for (const mirror of mirrors) this.#mirrors.set(nameOf(mirror), mirror);
    for (const name of [...names, ...this.#mirrors.keys()]) this.changed(name);
  }

  mirrorChanged(mirror: Pod): void {
    this.#mirrors.set(nameOf(mirror), mirror);
    this.#asked.delete(nameOf(mirror));
    this.changed(nameOf(mirror));
  }

  /** Whether the uid was a mirror's. */
  gone(uid: string): boolean {
    const mirror = this.#find(({ metadata }) => metadata.uid === uid);
    if (!mirror) return false;
    this.#mirrors.delete(nameOf(mirror));
    this.#asked.delete(nameOf(mirror));
    this.#told.delete(uid);
    this.#pause(nameOf(mirror));
    return true;
  }

  /** The static pod of that name, or its mirror, has changed. */
  changed(name: string): void {
    if (!this.#listed || this.#working.has(name)) return;
    this.#working.add(name);
    void this.#align(name);
  }

  /** By which the API knows a static pod; undefined as long as it does not. */
  mirrorOfUid(uid: string): PodIdentity | undefined {
    const mirror = this.#find((one) => mirroredUid(one) === uid && one.metadata.deletionTimestamp === undefined);
    return mirror && podRefOf(mirror);
  }

  /** The uid on this node of what the API knows by this one. */
  uidHere(uid: string): string {
    const mirror = this.#find(({ metadata }) => metadata.uid === uid);
    return mirror ? mirroredUid(mirror) : uid;
  }

  stop(): void {
    this.#stopping.abort();
  }

  #pause(name: string): void {
    const { clock } = this.#options;
    this.#pausing.add(name);
    clock.after(pauseMs, () => {
      this.#pausing.delete(name);
      this.changed(name);
    });
  }

  #find(matches: (mirror: Pod) => boolean): Pod | undefined {
    return [...this.#mirrors.values()].find(matches);
  }

  async #align(name: string): Promise<void> {
    const { signal } = this.#stopping;
    try {
      for (let step = this.#next(name); step && !signal.aborted; step = this.#next(name)) await this.#try(name, step);
    } finally {
      this.#working.delete(name);
    }
  }

  async #try(name: string, step: MirrorStep): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, log } = this.#options;
    try {
      await this.#do(name, step);
      this.#backOff.forget(name);
    } catch (thrown) {
      if (signal.aborted) return;
      log.warn({ err: toPodbusError(thrown), pod: name, step }, "cannot show a static pod in the API");
      await pause(clock, this.#backOff.fail(name, clock.monotonic()), signal);
    }
  }

  #next(name: string): MirrorStep | undefined {
    if (this.#asked.has(name) || (!this.#mirrors.has(name) && this.#pausing.has(name))) return undefined;
    const pod = this.#options.staticPod(name);
    const mirror = this.#mirrors.get(name);
    const told = mirror && this.#told.get(mirror.metadata.uid ?? "");
    return nextMirrorStep({ pod, mirror, statusTold: told === canonicalText(pod?.status ?? {}) });
  }

  async #do(name: string, step: MirrorStep): Promise<void> {
    const { api, staticPod } = this.#options;
    const { signal } = this.#stopping;
    const pod = staticPod(name);
    const mirror = this.#mirrors.get(name);
    if (step === "create" && pod) {
      this.#asked.set(name, step);
      await this.#asking(
        name,
        api.createMirrorPod({ podJson: Buffer.from(JSON.stringify(mirrorOf(pod))) }, { signal }),
      );
    } else if (step === "delete" && mirror) {
      this.#asked.set(name, step);
      await this.#asking(name, api.deleteMirrorPod({ pod: podRefOf(mirror) }, { signal }));
    } else if (pod && mirror) {
      const text = canonicalText(pod.status ?? {});
      await api.updatePodStatus({ pod: podRefOf(mirror), statusJson: Buffer.from(text) }, { signal });
      this.#told.set(mirror.metadata.uid ?? "", text);
    }
  }

  /** The feed shows what came of a call; only one that failed is repeated without it. */
  async #asking(name: string, call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.#asked.delete(name);
      throw error;
    }
  }
}
