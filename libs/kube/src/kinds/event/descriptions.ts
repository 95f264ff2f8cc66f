import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const eventDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.Event": {
    involvedObject: "The object that it is about.",
    reason: "Why it happened, in one word.",
    message: "What happened, for people.",
    source: "Who reports it.",
    firstTimestamp: "When it was first seen.",
    lastTimestamp: "When it was last seen.",
    count: "How often it has been seen.",
    type: "Normal or Warning.",
    eventTime: "When it was first seen, in microseconds.",
    series: "How often it has been seen since, if more than once.",
    action: "What was done, or failed, with regard to the object.",
    related: "A second object that had to do with it.",
    reportingComponent: "The kind of controller that reports it.",
    reportingInstance: "The one controller that reports it.",
  },
  "io.k8s.api.core.v1.EventSource": {
    component: "The component that reports it.",
    host: "The node that it is reported from.",
  },
  "io.k8s.api.core.v1.EventSeries": {
    count: "How often it has been seen.",
    lastObservedTime: "When it was seen last.",
  },
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
