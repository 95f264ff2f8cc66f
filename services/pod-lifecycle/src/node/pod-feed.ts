import type { Client } from "@podbus/bus";
import { type Clock, pause } from "@podbus/clock";
import type { NodeApi } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Node, Pod } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";

export interface PodFeedOptions {
  readonly api: Client<typeof NodeApi>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: PodSink;
}

/** Who acts on the feed. */
export interface PodSink {
  /** The Node as it was stored when the pods that follow were sent. */
  nodeChanged(node: Node): void;
  /** Every pod of this node: others do not exist. */
  listed(pods: readonly Pod[]): void;
  podChanged(pod: Pod): void;
  podGone(uid: string): void;
}

const reopenMs = { initial: 100, max: 5_000 };

/** Follows the pods bound to this node until `signal`. While the feed is away nothing is concluded from its silence. */
export class PodFeed {
  readonly #options: PodFeedOptions;

  constructor(options: PodFeedOptions) {
    this.#options = options;
  }

  run(signal: AbortSignal): void {
    void this.#follow(signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let delayMs = reopenMs.initial;
    while (!signal.aborted) {
      try {
        await this.#readOnce(signal, () => {
          delayMs = reopenMs.initial;
        });
      } catch (thrown) {
        if (signal.aborted) return;
        log.warn({ err: toPodbusError(thrown), delayMs }, "the pod feed broke off");
      }
      await pause(clock, delayMs, signal);
      delayMs = Math.min(delayMs * 2, reopenMs.max);
    }
  }

  async #readOnce(signal: AbortSignal, onSynced: () => void): Promise<void> {
    const { api, sink } = this.#options;
    const seen = new Set<string>();
    // Pods that are new must not meet those that went while nobody listened: all are taken together.
    const listing = new Map<string, Pod>();
    let synced = false;
    for await (const { event } of api.watchPods({}, { signal })) {
      if (event.case === "node") {
        sink.nodeChanged(parsed(event.value.nodeJson));
      } else if (event.case === "pod") {
        const pod: Pod = parsed(event.value.podJson);
        const { uid = "" } = pod.metadata;
        if (!synced) listing.set(uid, pod);
        else this.#take([pod], seen, () => sink.podChanged(pod));
      } else if (event.case === "gone") {
        const uid = event.value.pod?.uid ?? "";
        if (!synced) listing.delete(uid);
        else sink.podGone(uid);
      } else if (event.case === "synced") {
        synced = true;
        const pods = [...listing.values()];
        this.#take(pods, seen, () => sink.listed(pods));
        onSynced();
      }
    }
  }

  #take(pods: readonly Pod[], seen: Set<string>, take: () => void): void {
    const fresh = pods.filter(({ metadata }) => !seen.has(metadata.uid ?? ""));
    const lines = fresh.map(({ metadata }) => ({ step: "feed", pod: `${metadata.namespace}/${metadata.name}` }));
    for (const line of lines) this.#options.log.info({ ...line, phase: "begin" }, "pod from the feed");
    take();
    for (const line of lines) this.#options.log.info({ ...line, phase: "end" }, "pod taken");
    for (const { metadata } of fresh) seen.add(metadata.uid ?? "");
  }
}

function parsed<T>(json: Uint8Array): T {
  return JSON.parse(Buffer.from(json).toString());
}
