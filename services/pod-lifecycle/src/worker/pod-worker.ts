import { context } from "@opentelemetry/api";
import { BackOffTable } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { Pod, PodStatus } from "@podbus/kube";
import { crashEvents } from "../domain/crash-events.ts";
import { decidePod } from "../domain/decide-pod.ts";
import type { PodInputs, PodRejection, PodTermination } from "../domain/pod-inputs.ts";
import { actionKey, failureLane, mustFinish, type PodAction, type PodPlan } from "../domain/pod-plan.ts";
import { type PodIdentity, podRefOf } from "../domain/pod-ref.ts";
import { computePodStatus } from "../domain/pod-status.ts";
import { ownedStatus, storedStatuses } from "../domain/stored-statuses.ts";
import type { NodeServices } from "../ports.ts";
import { initialProgress, type MutableProgress, type PodTask } from "./pod-task.ts";
import { PodTrace } from "./pod-trace.ts";
import { runAction } from "./run-action.ts";
import { StatusWriter } from "./status-writer.ts";

export interface PodWorkerOptions {
  readonly services: NodeServices;
  readonly pod: Pod;
  readonly rejection: PodRejection | undefined;
  /** Nothing of the pod is left here and nobody waits for news. */
  readonly onDone: () => void;
}

interface Running {
  readonly action: PodAction;
  readonly cancel: AbortController;
}

const triesOfOneName = 4;
const retry = { initialMs: 250, maxMs: 10_000 };

/**
 * One pod on this node. Every input (a new object, news from the runtime, the end of an action, a timer) leads to one
 * more decision; decisions are synchronous, so they never overlap, and inputs that come together are decided together.
 */
export class PodWorker {
  readonly ref: PodIdentity;
  readonly progress: MutableProgress;
  readonly #options: PodWorkerOptions;
  readonly #services: NodeServices;
  readonly #running = new Map<string, Running>();
  readonly #backOff = new BackOffTable(retry);
  readonly #trace: PodTrace;
  readonly #statusWriter: StatusWriter;
  readonly #stopped = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #crashesTold = new Set<string>();
  #pod: Pod;
  #gone = false;
  #status: PodStatus | undefined;
  #scheduled = false;
  #cancelWake: () => void = () => {};

  constructor(options: PodWorkerOptions) {
    this.#options = options;
    this.#services = options.services;
    this.#pod = options.pod;
    this.ref = podRefOf(options.pod);
    this.#status = options.pod.status;
    this.progress = initialProgress(options.pod, options.rejection, this.#services.clock);
    this.#trace = new PodTrace(this.#services.tracer, options.pod, this.#services.node.name);
    this.#trace.follow(options.pod);
    this.#statusWriter = new StatusWriter(
      {
        services: this.#services,
        ref: this.ref,
        parent: () => this.#trace.context,
        onTaken: (status) => this.#trace.statusTaken(status),
        onGone: () => this.#services.log.info({ pod: this.ref }, "the API no longer knows this pod"),
        signal: this.#stopped.signal,
      },
      ownedStatus(options.pod.status),
    );
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** Whether it counts against the node's allocatable resources. */
  get needsRoom(): boolean {
    return (
      !this.#gone && !this.progress.rejection && this.#status?.phase !== "Succeeded" && this.#status?.phase !== "Failed"
    );
  }

  /** Why that container does not run, as its status says it. */
  waitingReason(container: string): string | undefined {
    const statuses = storedStatuses({ ...this.#pod, ...(this.#status ? { status: this.#status } : {}) });
    return statuses.find((s) => s.name === container)?.state?.waiting?.reason;
  }

  /** A new version of the pod's object. */
  setPod(pod: Pod): void {
    this.#pod = pod;
    this.#gone = false;
    this.#trace.follow(pod);
    this.changed();
  }

  /** The object is gone: everything of the pod ends now. */
  setGone(): void {
    this.#gone = true;
    this.changed();
  }

  /** Something that a decision looks at has changed. */
  readonly changed = (): void => {
    if (this.#scheduled || this.#stopped.signal.aborted) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#stopped.signal.aborted) this.#decide();
    });
  };

  /** Ends the pod for good; resolves once nothing of it runs, or this worker ends. */
  async terminate(termination: PodTermination): Promise<void> {
    this.progress.termination = termination;
    this.changed();
    await this.#ended.promise;
  }

  /** Resolves once the API knows the newest status. */
  async statusTold(): Promise<void> {
    await this.#statusWriter.settled();
  }

  /** Leaves the pod as it is: containers go on, what waits is dropped. */
  stop(): void {
    this.#stopped.abort();
    this.#ended.resolve();
    this.#cancelWake();
    for (const { cancel } of this.#running.values()) cancel.abort();
    this.#trace.end();
  }

  #decide(): void {
    if (this.#gone || this.#pod.metadata.deletionTimestamp || this.progress.termination) {
      this.progress.endingSinceMs ??= this.#services.clock.monotonic();
    }
    const inputs = this.#inputs();
    const plan = decidePod(inputs);
    this.#apply(plan);
    this.#report(inputs);
    this.#wakeAt(plan.wakeAtMs);
    const idle = plan.actions.length === 0 && this.#running.size === 0 && plan.wakeAtMs === undefined;
    if (idle && this.progress.termination) this.#ended.resolve();
    if (this.#gone && this.progress.cleanedUp && idle) this.#finish();
  }

  #inputs(): PodInputs {
    return {
      pod: this.#pod,
      gone: this.#gone,
      observed: this.#services.runtime.observed(this.ref.uid),
      progress: this.progress,
      inFlight: new Set(this.#running.keys()),
      nowMs: this.#services.clock.now(),
      steadyMs: this.#services.clock.monotonic(),
    };
  }

  #apply(plan: PodPlan): void {
    const wanted = new Map(plan.actions.map((action) => [actionKey(action), action]));
    for (const [key, { cancel }] of this.#running) if (!wanted.has(key) && !mustFinish(key)) cancel.abort();
    for (const [key, action] of wanted) if (!this.#running.has(key)) this.#begin(key, action);
  }

  #begin(key: string, action: PodAction): void {
    const cancel = new AbortController();
    this.#running.set(key, { action, cancel });
    const task: PodTask = {
      services: this.#services,
      pod: this.#pod,
      ref: this.ref,
      progress: this.progress,
      signal: cancel.signal,
      changed: this.changed,
      statusSent: () => this.#statusWriter.settled(),
    };
    void context
      .with(this.#trace.context, () => runAction(task, action))
      .then(
        () => this.#succeeded(action),
        (thrown) => this.#failed(action, thrown, cancel.signal),
      )
      .finally(() => {
        this.#running.delete(key);
        this.changed();
      });
  }

  #succeeded(action: PodAction): void {
    const lane = failureLane(action);
    this.#backOff.forget(lane);
    this.progress.failures.delete(lane);
    this.progress.skippedAttempts.delete(lane);
  }

  async #failed(action: PodAction, thrown: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { clock, log, events, runtime } = this.#services;
    const error = toPodbusError(thrown);
    const lane = failureLane(action);
    const nowMs = clock.monotonic();
    const delayMs = this.#backOff.fail(lane, nowMs);
    this.progress.failures.set(lane, {
      reason: error.reason,
      message: error.message,
      retryAtMs: nowMs + delayMs,
    });
    log.warn({ err: error, pod: this.ref, action: action.kind, delayMs }, "an action failed");
    if (action.kind === "create-sandbox" || action.kind === "create-container") this.#skipAttempts(lane);
    if (error.reason === "FailedMount") {
      events.record(this.#pod, { type: "Warning", reason: "FailedMount", message: error.message });
    }
    // The runtime may have done what it did not answer.
    await runtime
      .refreshPod(this.ref.uid)
      .catch((why) => log.warn({ err: toPodbusError(why), pod: this.ref }, "cannot look"));
  }

  /**
   * A call that was cut off can leave its name reserved in the runtime with nothing to show for it. What such a call
   * made is adopted as soon as it is seen; after some tries without, the name is given up.
   */
  #skipAttempts(lane: string): void {
    const failures = this.#backOff.failures(lane, this.#services.clock.monotonic());
    if (failures >= triesOfOneName) this.progress.skippedAttempts.set(lane, failures - triesOfOneName + 1);
  }

  #report(inputs: PodInputs): void {
    if (this.#gone) return;
    const { events, node } = this.#services;
    for (const { id, container, message } of crashEvents(inputs)) {
      if (this.#crashesTold.has(id)) continue;
      this.#crashesTold.add(id);
      events.record(this.#pod, { type: "Warning", reason: "BackOff", message, container });
    }
    // While it is being removed, containers vanish one by one: what was reported before says it better.
    if (this.#pod.metadata.deletionTimestamp && inputs.observed.containers.length === 0 && this.#status) return;
    this.#status = computePodStatus(inputs, node, this.#status);
    this.#statusWriter.offer(this.#status);
  }

  #wakeAt(atMs: number | undefined): void {
    this.#cancelWake();
    this.#cancelWake = () => {};
    if (atMs === undefined) return;
    const waitMs = Math.max(0, atMs - this.#services.clock.monotonic());
    this.#cancelWake = this.#services.clock.after(waitMs, this.changed);
  }

  #finish(): void {
    this.stop();
    this.#options.onDone();
  }
}
