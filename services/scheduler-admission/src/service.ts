import { Admission } from "@podbus/contracts";
import { createEventRecorder } from "@podbus/events";
import type { ClusterRuntime } from "@podbus/service";
import { holdLease, leaseKey } from "@podbus/store";
import { StorePodWriter } from "./adapters/store-pod-writer.ts";
import type { SchedulerAdmissionConfig } from "./config.ts";
import { admissionSteps } from "./domain/admission/review-object.ts";
import { review } from "./handlers/review.ts";
import { Scheduler } from "./scheduler.ts";

const retryDelayMs = 1_000;

/** Serves Admission in every replica, and schedules in the one that holds the lease. */
export async function startSchedulerAdmission(
  runtime: ClusterRuntime,
  config: SchedulerAdmissionConfig,
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const { bus, store } = runtime;
  starting.use(await bus.serve(Admission, {}, { review: review(store, admissionSteps(config.admissionPlugins)) }));
  const stop = new AbortController();
  const scheduling = lead(runtime, config, stop.signal);
  starting.defer(async () => {
    stop.abort(new Error("the service stops"));
    await scheduling;
  });
  return starting.move();
}

async function lead(runtime: ClusterRuntime, config: SchedulerAdmissionConfig, signal: AbortSignal): Promise<void> {
  const { clock, log, store, tracer } = runtime;
  const { identity, leaseMs } = config;
  await using events = createEventRecorder({ store, clock, log });
  const writer = new StorePodWriter(store, clock);
  while (!signal.aborted) {
    try {
      await holdLease(
        store,
        leaseKey("podbus-scheduler"),
        { identity, clock, durationMs: leaseMs, signal },
        async (leading) => {
          log.info({ identity }, "this replica schedules");
          await new Scheduler({ cache: store.cache, writer, events, clock, tracer, log }).run(leading);
        },
      );
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error }, "the scheduler's lease failed and is tried again");
      await clock.sleep(retryDelayMs, signal).catch(() => undefined);
    }
  }
}
