import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { z } from "zod";
import { parseJson } from "../decode/parse-document.ts";
import { formatMicroTime, formatTime, lastTimeMs } from "../decode/time.ts";
import { defineOwn } from "../json.ts";
import { metaOf, type ScalarFormat } from "../schema/fields.ts";
import { required } from "../schema/walk.ts";
import { statusBadRequest, statusUnsupportedMediaType } from "../status/builders.ts";
import { type MessageFields, messageFields } from "./message-fields.ts";

export const protobufMediaType = "application/vnd.kubernetes.protobuf";

/** "k8s" and a zero byte: apimachinery/pkg/runtime/serializer/protobuf. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** As for JSON: deeper than any object is, and no danger to the stack. */
const deepest = 100;

/**
 * An object in Kubernetes' protobuf form as the JSON value that it stands for, read by the schema of its kind (kubectl
 * sends it since 1.32, other clients always may). Throws StatusError: 415 for types whose numbers are not known, 400 for
 * whatever is no such message.
 */
export function decodeProtobuf(body: Uint8Array, schema: z.core.$ZodType): unknown {
  if (!magic.equals(body.subarray(0, magic.length))) {
    throw statusBadRequest("the body is not Kubernetes protobuf: it does not begin with its magic bytes");
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(body.subarray(magic.length));
    return { apiVersion, kind, ...readMessage(new BinaryReader(raw), raw.length, fieldsOf(schema), 0) };
  } catch (error) {
    if (error instanceof RangeError || isWireError(error)) {
      throw statusBadRequest(`the body is not Kubernetes protobuf: ${(error as Error).message}`);
    }
    throw error;
  }
}

/** The reader throws plain errors for whatever it cannot read. */
function isWireError(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error;
}

function fieldsOf(schema: z.core.$ZodType): MessageFields {
  const fields = messageFields(schema);
  if (!fields) throw statusUnsupportedMediaType(["application/json", "application/yaml", protobufMediaType]);
  return fields;
}

/** What goes around an object: apimachinery/pkg/runtime/generated.proto Unknown. */
function readEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const reader = new BinaryReader(bytes);
  const envelope: { apiVersion: string; kind: string; raw: Uint8Array } = {
    apiVersion: "",
    kind: "",
    raw: new Uint8Array(),
  };
  while (reader.pos < bytes.length) {
    const [number, wireType] = reader.tag();
    if (number === 1) {
      const [apiVersion = "", kind = ""] = readStrings(reader, wireType);
      Object.assign(envelope, { apiVersion, kind });
    } else if (number === 2) {
      expectWire(wireType, WireType.LengthDelimited);
      envelope.raw = reader.bytes();
    } else reader.skip(wireType, number);
  }
  return envelope;
}

/** The texts in fields 1, 2, … of a small message. */
function readStrings(reader: BinaryReader, wireType: WireType): string[] {
  const texts: string[] = [];
  readFields(reader, wireType, (number, inner) => {
    expectWire(inner, WireType.LengthDelimited);
    texts[number - 1] = reader.string();
  });
  return texts;
}

function readFields(reader: BinaryReader, wireType: WireType, onField: (number: number, wire: WireType) => void): void {
  expectWire(wireType, WireType.LengthDelimited);
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("a message is longer than what holds it");
  while (reader.pos < end) {
    const [number, inner] = reader.tag();
    onField(number, inner);
  }
}

function expectWire(found: WireType, wanted: WireType): void {
  if (found !== wanted) throw new RangeError(`unexpected wire type ${found}`);
}

type Document = Record<string, unknown>;

function readMessage(reader: BinaryReader, length: number, fields: MessageFields, depth: number): Document {
  if (depth > deepest) throw new RangeError("it is nested too deeply");
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("a message is longer than what holds it");
  const document: Document = {};
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = fields.get(number);
    if (!field) reader.skip(wireType, number);
    else if (field.kind === "embedded") {
      expectWire(wireType, WireType.LengthDelimited);
      Object.assign(document, readMessage(reader, reader.uint32(), field.fields, depth + 1));
    } else put(document, field, readValue(reader, { schema: field.schema, wireType, depth }));
  }
  return document;
}

/** Go writes empty texts, zeros and times where JSON leaves them out. */
function put(
  document: Document,
  field: { name: string; schema: z.core.$ZodTypes; dropsZero: boolean },
  value: unknown,
) {
  const { name, schema, dropsZero } = field;
  const { type } = schema._zod.def;
  // In a list, an empty text is one of its items: the core group's name is "".
  const unset = (value === "" && type !== "array") || (dropsZero && (value === 0 || value === false));
  if (value === undefined || unset) return;
  const before = document[name];
  if (type === "array" && metaOf(schema).format === undefined) {
    if (Array.isArray(before)) before.push(value);
    else document[name] = [value];
  } else if (type === "record" && metaOf(schema).format === undefined) {
    // Into the same map: copies of a map that grows entry by entry would cost its size squared.
    const map = (before ?? {}) as Document;
    for (const [key, entry] of Object.entries(value as Document)) defineOwn(map, key, entry);
    document[name] = map;
  } else document[name] = value;
}

interface Place {
  readonly schema: z.core.$ZodTypes;
  readonly wireType: WireType;
  readonly depth: number;
}

/** One value; of a list one item, of a map one entry. */
function readValue(reader: BinaryReader, { schema, wireType, depth }: Place): unknown {
  const { format } = metaOf(schema);
  if (format !== undefined) return readFormatted(reader, format, wireType);
  const { def } = schema._zod;
  switch (def.type) {
    case "string":
      expectWire(wireType, WireType.LengthDelimited);
      return reader.string();
    case "boolean":
      expectWire(wireType, WireType.Varint);
      return reader.bool();
    case "array":
      return readValue(reader, { schema: required(def.element), wireType, depth });
    case "record":
      return readEntry(reader, { schema: required(def.valueType), wireType, depth });
    case "object":
      expectWire(wireType, WireType.LengthDelimited);
      return readMessage(reader, reader.uint32(), fieldsOf(schema), depth + 1);
    default:
      throw new TypeError(`kinds may not use zod's ${def.type}`);
  }
}

function readEntry(reader: BinaryReader, { schema, wireType, depth }: Place): Document {
  let key = "";
  let value: unknown = schema._zod.def.type === "array" ? [] : "";
  const repeated = schema._zod.def.type === "array";
  readFields(reader, wireType, (number, inner) => {
    if (number === 1) {
      expectWire(inner, WireType.LengthDelimited);
      key = reader.string();
    } else if (number === 2 && repeated) value = readStringList(reader, inner);
    else if (number === 2) value = readValue(reader, { schema, wireType: inner, depth }) ?? "";
    else reader.skip(inner, number);
  });
  const entry: Document = {};
  defineOwn(entry, key, value);
  return entry;
}

/** A list as a map's value is a message of its own: `repeated string items = 1`. */
function readStringList(reader: BinaryReader, wireType: WireType): string[] {
  const texts: string[] = [];
  readFields(reader, wireType, (number, inner) => {
    expectWire(inner, WireType.LengthDelimited);
    if (number === 1) texts.push(reader.string());
    else reader.skip(inner, number);
  });
  return texts;
}

function readFormatted(reader: BinaryReader, format: ScalarFormat, wireType: WireType): unknown {
  switch (format) {
    case "int32":
    case "int64":
      expectWire(wireType, WireType.Varint);
      return Number(reader.int64());
    case "double":
      expectWire(wireType, WireType.Bit64);
      return reader.double();
    case "byte":
      expectWire(wireType, WireType.LengthDelimited);
      return Buffer.from(reader.bytes()).toString("base64");
    case "quantity":
      // Go's zero amount is written as an empty text.
      return readStrings(reader, wireType)[0] || "0";
    case "int-or-string":
      return readIntOrString(reader, wireType);
    case "date-time":
    case "micro-time":
      return readTime(reader, format, wireType);
    case "raw-object":
      return readRaw(reader, wireType);
  }
}

/** apimachinery/pkg/util/intstr/generated.proto: type (0 number, 1 text), intVal, strVal. */
function readIntOrString(reader: BinaryReader, wireType: WireType): unknown {
  let isText = false;
  let number = 0;
  let text = "";
  readFields(reader, wireType, (field, inner) => {
    if (field === 1) isText = Number(reader.int64()) === 1;
    else if (field === 2) number = Number(reader.int64());
    else if (field === 3) text = reader.string();
    else reader.skip(inner, field);
  });
  return isText ? text : number;
}

/** A message without seconds is Go's zero time, which JSON leaves out. */
function readTime(reader: BinaryReader, format: ScalarFormat, wireType: WireType): string | undefined {
  let seconds: number | undefined;
  let nanos = 0;
  readFields(reader, wireType, (field, inner) => {
    if (field === 1) seconds = Number(reader.int64());
    else if (field === 2) nanos = Number(reader.int64());
    else reader.skip(inner, field);
  });
  if (seconds === undefined) return undefined;
  const micros = Math.floor(nanos / 1000);
  const milliseconds = seconds * 1000 + Math.floor(micros / 1000);
  if (milliseconds < goZeroTimeMs || milliseconds > lastTimeMs) throw new RangeError("a time is out of range");
  if (format === "date-time") return formatTime(seconds * 1000);
  return formatMicroTime(milliseconds, micros - Math.floor(micros / 1000) * 1000);
}

/** The year 1. */
const goZeroTimeMs = -62_135_596_800_000;

/** FieldsV1 and RawExtension: JSON in field 1. */
function readRaw(reader: BinaryReader, wireType: WireType): unknown {
  let bytes: Uint8Array = new Uint8Array();
  readFields(reader, wireType, (field, inner) => {
    expectWire(inner, WireType.LengthDelimited);
    if (field === 1) bytes = reader.bytes();
    else reader.skip(inner, field);
  });
  return bytes.length === 0 ? undefined : parseJson(Buffer.from(bytes).toString());
}
