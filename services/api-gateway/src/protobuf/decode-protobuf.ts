import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { formatTime, statusBadRequest, statusUnsupportedMediaType } from "@podbus/kube";
import { envelope, type Field, type FieldType, findMessage, type Message } from "./messages.ts";

export const protobufMediaType = "application/vnd.kubernetes.protobuf";

/** "k8s" and a zero byte: apimachinery/pkg/runtime/serializer/protobuf. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** An object in Kubernetes' protobuf form as the JSON it stands for. 415 for kinds that are not known in this form. */
export function decodeProtobuf(body: Uint8Array): unknown {
  if (!magic.equals(body.subarray(0, magic.length))) {
    throw statusBadRequest("the body is not Kubernetes protobuf: it does not begin with its magic bytes");
  }
  try {
    return decodeEnvelope(body.subarray(magic.length));
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

function decodeEnvelope(bytes: Uint8Array): unknown {
  const { typeMeta, raw = "" } = read(new BinaryReader(bytes), bytes.length, envelope) as {
    typeMeta?: { apiVersion?: string; kind?: string };
    raw?: string;
  };
  const { apiVersion = "", kind = "" } = typeMeta ?? {};
  const message = findMessage(apiVersion, kind);
  if (!message) throw statusUnsupportedMediaType(["application/json", "application/yaml"]);
  const object = Buffer.from(raw, "base64");
  return { apiVersion, kind, ...read(new BinaryReader(object), object.length, message) };
}

type Document = Record<string, unknown>;

function read(reader: BinaryReader, length: number, message: Message): Document {
  const end = reader.pos + length;
  const document: Document = {};
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = message.get(number);
    if (!field) reader.skip(wireType, number);
    else put(document, field, readValue(reader, field.type, wireType));
  }
  return document;
}

/** Go writes empty texts and times where JSON leaves them out. */
function put(document: Document, { name, repeated, type }: Field, value: unknown): void {
  if (repeated) document[name] = [...((document[name] as unknown[] | undefined) ?? []), value];
  else if (type === "string map" || type === "bytes map")
    document[name] = { ...(document[name] as object), ...(value as object) };
  else if (value !== "" && value !== undefined) document[name] = value;
}

function readValue(reader: BinaryReader, type: FieldType, wireType: WireType): unknown {
  const expected = type === "int64" || type === "bool" ? WireType.Varint : WireType.LengthDelimited;
  if (wireType !== expected) throw new RangeError(`unexpected wire type ${wireType}`);
  switch (type) {
    case "string":
      return reader.string();
    case "bytes":
      return Buffer.from(reader.bytes()).toString("base64");
    case "int64":
      return Number(reader.int64());
    case "bool":
      return reader.bool();
    case "time":
      return readTime(reader);
    case "string map":
      return readEntry(reader, "string");
    case "bytes map":
      return readEntry(reader, "bytes");
    default:
      return read(reader, reader.uint32(), type);
  }
}

function readEntry(reader: BinaryReader, type: "string" | "bytes"): Document {
  const entry: Message = new Map([
    [1, { name: "key", type: "string" }],
    [2, { name: "value", type }],
  ]);
  const { key = "", value = "" } = read(reader, reader.uint32(), entry) as { key?: string; value?: string };
  return { [key]: value };
}

function readTime(reader: BinaryReader): string | undefined {
  const time: Message = new Map([[1, { name: "seconds", type: "int64" }]]);
  const { seconds } = read(reader, reader.uint32(), time) as { seconds?: number };
  return seconds === undefined ? undefined : formatTime(seconds * 1000);
}
