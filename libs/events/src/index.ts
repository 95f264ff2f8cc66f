export { eventName, eventNamespace, mergeEvent, type NewEvent } from "./domain/merge-event.ts";
export type { EventInput, EventLog, EventRecord, EventRecorder, EventSubject, EventType } from "./event-input.ts";
export { fromWire, toWire } from "./event-wire.ts";
export { type ExpireEventsOptions, expireEvents } from "./expire-events.ts";
export { type RecordEventsOptions, recordEvents } from "./record-events.ts";
export {
  createEventRecorder,
  createNodeEventRecorder,
  type EventRecorderOptions,
  type NodeEventRecorderOptions,
} from "./recorders.ts";
