import type { EventRecord as WireRecord } from "@podbus/contracts";
import type { EventRecord } from "./event-input.ts";

type WireFields = Omit<WireRecord, "$typeName" | "$unknown">;

/** A record as NodeApi.RecordEvents carries it. */
export function toWire(record: EventRecord): WireFields {
  const { object, type, reason, message, component, at } = record;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.namespace ?? "",
    name: object.name,
    uid: object.uid ?? "",
    fieldPath: object.fieldPath ?? "",
    ...{ type, reason, message, component },
    atMs: BigInt(Math.trunc(at)),
  };
}

/** The record that a NodeApi handler received. A type that is not "Warning" is "Normal": it is for display. */
export function fromWire(wire: WireFields): EventRecord {
  const { apiVersion, kind, namespace, name, uid, fieldPath, reason, message, component } = wire;
  const object = { apiVersion, kind, namespace, name, uid, fieldPath };
  const type = wire.type === "Warning" ? "Warning" : "Normal";
  return { object, type, reason, message, component, at: Number(wire.atMs) };
}
