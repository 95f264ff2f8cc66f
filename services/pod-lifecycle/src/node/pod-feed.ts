import type { Client } from "@podbus/bus";
import { type Clock, pause } from "@podbus/clock";
import type { NodeApi } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";

export interface PodFeedOptions {
  readonly api: Client<typeof NodeApi>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: PodSink;
}

/** Who acts on the feed. */
export interface PodSink {
  podChanged(pod: Pod): void;
  podGone(uid: string): void;
  /** The feed has told of every pod of this node: others do not exist. */
  synced(uids: ReadonlySet<string>): void;
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
    const { api, sink, log } = this.#options;
    const seen = new Set<string>();
    for await (const { event } of api.watchPods({}, { signal })) {
      if (event.case === "pod") {
        const pod = JSON.parse(Buffer.from(event.value.podJson).toString()) as Pod;
        const { uid = "", namespace, name } = pod.metadata;
        const line = { step: "feed", pod: `${namespace}/${name}` };
        if (!seen.has(uid)) log.info({ ...line, phase: "begin" }, "pod from the feed");
        sink.podChanged(pod);
        if (!seen.has(uid)) log.info({ ...line, phase: "end" }, "pod taken");
        seen.add(uid);
      } else if (event.case === "gone") {
        sink.podGone(event.value.pod?.uid ?? "");
      } else if (event.case === "synced") {
        sink.synced(seen);
        onSynced();
      }
    }
  }
}
