import type { Client } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { NodeApi } from "@podbus/contracts";
import type { ObjectStore } from "@podbus/store";
import { BufferedRecorder } from "./buffered-recorder.ts";
import type { EventLog, EventRecorder } from "./event-input.ts";
import { toWire } from "./event-wire.ts";
import { recordEvents } from "./record-events.ts";

export interface EventRecorderOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log?: EventLog;
}

/** For cluster services: writes to the store. */
export function createEventRecorder({ store, clock, log }: EventRecorderOptions): EventRecorder {
  return new BufferedRecorder({
    clock,
    ...(log ? { log } : {}),
    send: (batch) => recordEvents(store, batch, { clock }),
  });
}

export interface NodeEventRecorderOptions {
  readonly nodeApi: Pick<Client<typeof NodeApi>, "recordEvents">;
  readonly clock: Clock;
  readonly log?: EventLog;
}

/** For node services, which have no store: sends by NodeApi.RecordEvents. */
export function createNodeEventRecorder({ nodeApi, clock, log }: NodeEventRecorderOptions): EventRecorder {
  return new BufferedRecorder({
    clock,
    ...(log ? { log } : {}),
    send: async (batch) => {
      await nodeApi.recordEvents({ events: batch.map(toWire) });
    },
  });
}
