import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeObject } from "../../decode/decode-object.ts";
import { formatMicroTime, formatTime } from "../../decode/time.ts";
import { toTable } from "../../table/to-table.ts";
import { printFieldError } from "../../validation/field-error.ts";
import { toCoreEvent, toNewStyleEvent } from "./conversion.ts";
import { events, newStyleEvents } from "./resource.ts";
import type { CoreEvent, NewStyleEvent } from "./schema.ts";

const at = "2026-01-01T12:00:00.000000Z";
const pod = { kind: "Pod", namespace: "default", name: "web" };

function core(change: object = {}): CoreEvent {
  const plain = { metadata: { name: "web.1", namespace: "default" }, involvedObject: pod, ...change };
  return decodeObject(events, plain, "Strict").object;
}

const newStyle: Readonly<Record<string, unknown>> = {
  metadata: { name: "web.1", namespace: "default" },
  eventTime: at,
  reportingController: "example.com/c",
  reportingInstance: "c-1",
  action: "Pulling",
  reason: "Pulled",
  regarding: pod,
  note: "done",
  type: "Normal",
};

function newer(change: object = {}): NewStyleEvent {
  return decodeObject(newStyleEvents, { ...newStyle, ...change }, "Strict").object;
}

const text = fc.string({ minLength: 1 });
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });
const time = moment.map(formatTime);
const microTime = moment.map((ms) => formatMicroTime(ms));
const reference = fc.record({ kind: text, namespace: text, name: text, fieldPath: text }, { requiredKeys: [] });

/** Any event as it is stored. */
const stored: fc.Arbitrary<CoreEvent> = fc
  .record(
    {
      apiVersion: fc.constant("v1"),
      kind: fc.constant("Event"),
      metadata: fc.record({ name: text, namespace: text }),
      involvedObject: reference,
      reportingComponent: fc.string(),
      reportingInstance: fc.string(),
      reason: text,
      message: text,
      source: fc.record({ component: text, host: text }, { requiredKeys: [] }),
      firstTimestamp: time,
      lastTimestamp: time,
      count: fc.nat(),
      type: text,
      eventTime: microTime,
      series: fc.record({ count: fc.nat(), lastObservedTime: microTime }),
      action: text,
      related: reference,
    },
    {
      requiredKeys: ["apiVersion", "kind", "metadata", "involvedObject", "reportingComponent", "reportingInstance"],
    },
  )
  .map((event) => event as CoreEvent);

describe("the two faces of an event", () => {
  it("say the same under other names", () => {
    const event = core({
      message: "done",
      reason: "Pulled",
      source: { component: "kubelet", host: "n1" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T01:00:00Z",
      count: 3,
      reportingComponent: "kubelet",
      reportingInstance: "n1",
    });
    expect(toNewStyleEvent(event)).toEqual({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "web.1", namespace: "default" },
      regarding: pod,
      note: "done",
      reason: "Pulled",
      deprecatedSource: { component: "kubelet", host: "n1" },
      deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
      deprecatedLastTimestamp: "2026-01-01T01:00:00Z",
      deprecatedCount: 3,
      reportingController: "kubelet",
      reportingInstance: "n1",
    });
  });

  it("nothing is lost between them, and each passes through its own schema unchanged", () => {
    fc.assert(
      fc.property(stored, (event) => {
        const shown = toNewStyleEvent(event);
        expect(toCoreEvent(shown)).toEqual(event);
        expect(decodeObject(newStyleEvents, shown, "Strict").object).toEqual(shown);
        expect(toNewStyleEvent(toCoreEvent(shown))).toEqual(shown);
      }),
    );
  });

  it("are stored as one resource", () => {
    expect(newStyleEvents.storageResource).toBe(events.storageResource);
  });

  it("print the same row", () => {
    const now = Date.parse("2026-01-01T12:01:00Z");
    const options = { now, includeObject: "None" } as const;
    const event = newer({ series: { count: 5, lastObservedTime: "2026-01-01T12:00:30.000000Z" } });
    const row = toTable(newStyleEvents, [event], options).rows;
    expect(row).toEqual(toTable(events, [toCoreEvent(event)], options).rows);
    expect(row[0]?.cells).toEqual([
      "30s",
      "Normal",
      "Pulled",
      "pod/web",
      "",
      "example.com/c, c-1",
      "done",
      "60s",
      5,
      "web.1",
    ]);
  });
});

const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const elsewhere = "does not match event.namespace";

describe("validation of core events", () => {
  it.each<[string, object, string[]]>([
    ["an event of a pod", {}, []],
    [
      "an event elsewhere than its object",
      { involvedObject: { ...pod, namespace: "other" } },
      [`involvedObject.namespace: Invalid value: "other": ${elsewhere}`],
    ],
    ["an event of a node", { involvedObject: { kind: "Node", name: "n" } }, []],
    [
      "an event of a node in kube-system",
      { metadata: { name: "a", namespace: "kube-system" }, involvedObject: { kind: "Node" } },
      [`involvedObject.namespace: Invalid value: "": ${elsewhere}`],
    ],
    [
      "a new one of a node in kube-system",
      {
        metadata: { name: "a", namespace: "kube-system" },
        involvedObject: { kind: "Node" },
        eventTime: at,
        reportingComponent: "c",
        reportingInstance: "i",
        action: "a",
        reason: "r",
      },
      [],
    ],
    [
      "one with an event time that says too little",
      { eventTime: at },
      [
        "reportingController: Required value",
        'reportingController: Invalid value: "": name part must be non-empty',
        `reportingController: Invalid value: "": ${qualified}`,
        "reportingInstance: Required value",
        "action: Required value",
        "reason: Required value",
      ],
    ],
    [
      "one with an event time that says too much",
      {
        eventTime: at,
        reportingComponent: "c",
        reportingInstance: "x".repeat(129),
        action: "x".repeat(129),
        reason: "x".repeat(129),
        message: "x".repeat(1025),
      },
      [
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ])("%s", (_sentence, change, expected) => {
    expect(events.validate(core(change)).map(printFieldError)).toEqual(expected);
  });
});

describe("validation of events.k8s.io events", () => {
  it.each<[string, object, string[]]>([
    ["a whole one", {}, []],
    ["without a time", { eventTime: undefined }, ["eventTime: Required value"]],
    ["of no known type", { type: "Odd" }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      "with what is deprecated",
      {
        deprecatedFirstTimestamp: at,
        deprecatedLastTimestamp: at,
        deprecatedCount: 1,
        deprecatedSource: { component: "c" },
      },
      [
        'firstTimestamp: Invalid value: "": needs to be unset',
        'lastTimestamp: Invalid value: "": needs to be unset',
        'count: Invalid value: "": needs to be unset',
        'source: Invalid value: "": needs to be unset',
      ],
    ],
    ["with a series", { series: { count: 2, lastObservedTime: at } }, []],
    [
      "with a series of one",
      { series: { count: 1 } },
      ['series.count: Invalid value: "": should be at least 2', "series.lastObservedTime: Required value"],
    ],
    ["without an action", { action: "" }, ["action: Required value"]],
  ])("%s", (_sentence, change, expected) => {
    expect(newStyleEvents.validate(newer(change)).map(printFieldError)).toEqual(expected);
  });

  it.each<[string, object, string[]]>([
    ["the series grows", { series: { count: 3, lastObservedTime: at } }, []],
    ["labels change", { metadata: { name: "web.1", namespace: "default", labels: { a: "b" } } }, []],
    [
      "the series shrinks to nothing",
      { series: { count: 0, lastObservedTime: at } },
      ['series.count: Invalid value: "": should be at least 2'],
    ],
    ["the note changes", { note: "other" }, ['message: Invalid value: "other": field is immutable']],
    [
      "the object and the reporter change",
      { regarding: { ...pod, name: "x" }, reportingController: "other" },
      [
        'involvedObject: Invalid value: {"kind":"Pod","namespace":"default","name":"x"}: field is immutable',
        'reportingController: Invalid value: "other": field is immutable',
      ],
    ],
  ])("update: %s", (_sentence, change, expected) => {
    expect(newStyleEvents.validateUpdate(newer(change), newer()).map(printFieldError)).toEqual(expected);
  });
});

describe("field selectors of events", () => {
  it("each face has its own names", () => {
    const reference = (field: string) =>
      ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
        (name) => `${field}.${name}`,
      );
    const meta = ["metadata.name", "metadata.namespace"];
    expect(events.selectableFieldNames).toEqual([
      ...meta,
      ...reference("involvedObject"),
      "reason",
      "reportingComponent",
      "source",
      "type",
    ]);
    expect(newStyleEvents.selectableFieldNames).toEqual([
      ...meta,
      ...reference("regarding"),
      "reason",
      "reportingController",
      "type",
    ]);
  });

  it("the source is the reporter where nothing else is said", () => {
    expect(events.selectableFields(core({ reportingComponent: "c" })).source).toBe("c");
    expect(events.selectableFields(core({ reportingComponent: "c", source: { component: "s" } })).source).toBe("s");
  });
});
