import type { Clock } from "@podbus/clock";
import { type ShutdownGroup, type ShutdownPeriod, shutdownGroups } from "../domain/shutdown-groups.ts";
import type { MachineShutdown, NodeEvents } from "../ports.ts";
import type { PodWorker } from "../worker/pod-worker.ts";

export interface NodeShutdownOptions {
  readonly machine: MachineShutdown;
  readonly periods: readonly ShutdownPeriod[];
  readonly clock: Clock;
  readonly events: NodeEvents;
  /** The pods that have not ended. */
  readonly activePods: () => readonly PodWorker[];
  /** Whether the machine goes down has changed. */
  readonly onChange: () => void;
}

/** kubelet: pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go. */
const failure = { reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." };

/** Ends the pods before the machine goes down, and lets no new one in. */
export class NodeShutdown {
  readonly #options: NodeShutdownOptions;
  #goingDown = false;

  constructor(options: NodeShutdownOptions) {
    this.#options = options;
  }

  get goingDown(): boolean {
    return this.#goingDown;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { machine, events, onChange } = this.#options;
    for await (const goingDown of machine.watch(signal)) {
      const detected = goingDown ? "shutdown event" : "shutdown cancellation";
      events.recordOfNode({ type: "Normal", reason: "NodeShutdown", message: `Shutdown manager detected ${detected}` });
      this.#goingDown = goingDown;
      onChange();
      if (goingDown) await this.#endPods();
    }
  }

  async #endPods(): Promise<void> {
    const { activePods, periods, machine } = this.#options;
    for (const group of shutdownGroups(activePods(), periods)) await this.#endGroup(group);
    machine.release();
  }

  async #endGroup({ pods, seconds }: ShutdownGroup<PodWorker>): Promise<void> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(seconds * 1_000, resolve);
    const ends = pods.map(async (worker) => {
      await worker.terminate({ ...failure, graceSeconds: seconds });
      await worker.statusTold();
    });
    await Promise.race([Promise.all(ends), timeIsUp]);
    cancel();
  }
}
