import type { Client } from "@podbus/bus";
import { type Clock, pause } from "@podbus/clock";
import type { ImagePuller, NodeApi } from "@podbus/contracts";
import type { Cri } from "@podbus/cri";
import { toPodbusError } from "@podbus/errors";
import type { Node, NodeStatus } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import { nodeImages } from "../domain/node-images.ts";
import { type NodeDescription, nodeObject, sameNode } from "../domain/node-object.ts";
import { type RuntimeFeatures, runtimeFeatures } from "../domain/runtime-features.ts";
import type { NodeEvents } from "../ports.ts";

export interface NodeRegistrationOptions {
  readonly api: Client<typeof NodeApi>;
  readonly images: Client<typeof ImagePuller>;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
  readonly node: NodeDescription;
  readonly events: NodeEvents;
  /** Why the node is not ready though its runtime is. */
  readonly problems: () => readonly string[];
}

interface RuntimeFacts {
  readonly version: string;
  readonly features: RuntimeFeatures;
  /** Why it cannot run pods. */
  readonly problems: readonly string[];
}

/** kubelet: nodeLeaseDurationSeconds 40, renewed every quarter; nodeStatusReportFrequency 5 m. */
const leaseSeconds = 40;
const renewMs = (leaseSeconds / 4) * 1000;
const reportMs = 5 * 60_000;
const retryMs = { initial: 200, max: 5_000 };

/** Keeps the Node object and the node's lease alive until `signal`. */
export class NodeRegistration {
  readonly #options: NodeRegistrationOptions;
  #reported: Node | undefined;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  /** The stored Node's, as the API answered it last. */
  #revision = 0;
  #wake = new AbortController();

  constructor(options: NodeRegistrationOptions) {
    this.#options = options;
  }

  run(signal: AbortSignal): void {
    void this.#beat(signal);
  }

  /** What the node is has changed. */
  reportNow(): void {
    this.#wake.abort();
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      let waitMs = renewMs;
      try {
        await this.#report(signal);
        await this.#renew(signal);
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        waitMs = Math.min(retryMs.initial * 2 ** failures++, retryMs.max);
        // The Node may be gone, or marked Unknown for our silence: it is told again.
        this.#reportedAtMs = Number.NEGATIVE_INFINITY;
        log.warn({ err: toPodbusError(thrown), waitMs }, "cannot report the node");
      }
      await pause(clock, waitMs, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = new AbortController();
    }
  }

  /** Sends the Node object if it changed or was not sent for five minutes. */
  async #report(signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#options;
    const node = await this.#observe(signal);
    const fresh = clock.monotonic() - this.#reportedAtMs < reportMs;
    if (fresh && this.#reported && sameNode(node, this.#reported)) return;
    const { nodeJson } = await api.registerNode({ nodeJson: Buffer.from(JSON.stringify(node)) }, { signal });
    const stored: Node = JSON.parse(Buffer.from(nodeJson).toString());
    this.#reported = node;
    this.#reportedAtMs = clock.monotonic();
    this.#revision = Number(stored.metadata.resourceVersion ?? 0);
    this.#tellOfReadiness(node, stored);
  }

  /** A Node that someone else changed is completed at once: an extended resource that was added can be used. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { nodeRevision } = await this.#options.api.renewLease({ leaseDurationSeconds: leaseSeconds }, { signal });
    if (Number(nodeRevision) <= this.#revision) return;
    this.#reportedAtMs = Number.NEGATIVE_INFINITY;
    await this.#report(signal);
  }

  /** kubelet: recordNodeStatusEvent. The API keeps the time of a condition that stays. */
  #tellOfReadiness(reported: Node, stored: Node): void {
    const [now, since] = [reported, stored].map(({ status }) =>
      status?.conditions?.find(({ type }) => type === "Ready"),
    );
    if (!now || now.lastTransitionTime !== since?.lastTransitionTime) return;
    const reason = now.status === "True" ? "NodeReady" : "NodeNotReady";
    const message = `Node ${this.#options.node.name} status is now: ${reason}`;
    this.#options.events.recordOfNode({ type: "Normal", reason, message });
  }

  async #observe(signal: AbortSignal): Promise<Node> {
    const { clock, node, problems } = this.#options;
    const [runtime, images] = await Promise.all([this.#runtimeFacts(signal), this.#imagesHere(signal)]);
    const { version: runtimeVersion, features } = runtime;
    const notReady = [...runtime.problems, ...problems()];
    return nodeObject({ node, runtimeVersion, features, notReady, images, nowMs: clock.now() });
  }

  async #runtimeFacts(signal: AbortSignal): Promise<RuntimeFacts> {
    const { cri } = this.#options;
    try {
      const bound = { signal, timeoutMs: 5_000 };
      const [version, answer] = await Promise.all([cri.runtime.version({}, bound), cri.runtime.status({}, bound)]);
      const failing = (answer.status?.conditions ?? []).filter(
        (c) => !c.status && /^(Runtime|Network)Ready$/.test(c.type),
      );
      return {
        version: `${version.runtimeName}://${version.runtimeVersion}`,
        features: runtimeFeatures(answer),
        problems: failing.map(describeCondition),
      };
    } catch (thrown) {
      const { message } = toPodbusError(thrown);
      const { nodeInfo, features, runtimeHandlers } = this.#reported?.status ?? {};
      return {
        version: nodeInfo?.containerRuntimeVersion ?? "containerd://unknown",
        features: { features, runtimeHandlers },
        problems: [`container runtime is down: ${message}`],
      };
    }
  }

  /** Only for show: without an image-puller the last known list stays. */
  async #imagesHere(signal: AbortSignal): Promise<NodeStatus["images"]> {
    // The first report does not wait for the image-puller.
    if (!this.#reported) return undefined;
    const known = this.#reported.status?.images;
    try {
      const { images } = await this.#options.images.listImages({}, { signal, timeoutMs: 1_000 });
      return nodeImages(images);
    } catch (thrown) {
      this.#options.log.debug({ err: toPodbusError(thrown) }, "no list of images");
      return known;
    }
  }
}

/** kubelet: pkg/kubelet/runtime.go, networkErrors. */
const describeCondition = (c: { type: string; reason: string; message: string }): string =>
  `container runtime ${c.type === "NetworkReady" ? "network " : ""}not ready: ${c.type}=false reason:${c.reason} message:${c.message}`;
