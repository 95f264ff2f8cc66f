import { describe, expect, it } from "vitest";
import { type Envelope, openEnvelope, tombstoneOf } from "./envelope.ts";

const pod = { metadata: { name: "a" }, deleted: true, object: { metadata: {} } };

const payloads: Record<string, { text: string; envelope: Envelope }> = {
  "an object is itself, whatever its fields are called": {
    text: JSON.stringify(pod),
    envelope: { kind: "live", value: pod },
  },
  "a tombstone carries the last object": {
    text: tombstoneOf(JSON.stringify(pod)),
    envelope: { kind: "tombstone", last: pod },
  },
  "KV's own delete marker is empty": { text: "", envelope: { kind: "unreadable" } },
  "a torn value": { text: '{"metadata":', envelope: { kind: "unreadable" } },
  "JSON without metadata": { text: '{"deleted":true,"object":{}}', envelope: { kind: "unreadable" } },
  "JSON that is no object": { text: "[1]", envelope: { kind: "unreadable" } },
};

describe("openEnvelope", () => {
  for (const [sentence, { text, envelope }] of Object.entries(payloads)) {
    it(sentence, () => expect(openEnvelope(Buffer.from(text))).toEqual(envelope));
  }
});
