import type { TypeDescriptions } from "../../schema/descriptions.ts";

/** The core kind is described elsewhere; this is its second face. */
export const newStyleEventDescriptions: TypeDescriptions = {
  "io.k8s.api.events.v1.Event": {
    eventTime: "When it was first seen. Needed.",
    series: "How often it has been seen since, if more than once.",
    reportingController: "The kind of controller that reports it, such as kubernetes.io/kubelet.",
    reportingInstance: "The one controller that reports it.",
    action: "What was done, or failed, with regard to the object.",
    reason: "Why it was done, in one word.",
    regarding: "The object that it is about.",
    related: "A second object that had to do with it.",
    note: "What happened, for people, in at most 1024 bytes.",
    type: "Normal or Warning.",
    deprecatedSource: "The core kind's source.",
    deprecatedFirstTimestamp: "The core kind's firstTimestamp.",
    deprecatedLastTimestamp: "The core kind's lastTimestamp.",
    deprecatedCount: "The core kind's count.",
  },
  "io.k8s.api.events.v1.EventSeries": {
    count: "How often it has been seen, at least 2.",
    lastObservedTime: "When it was seen last.",
  },
};
