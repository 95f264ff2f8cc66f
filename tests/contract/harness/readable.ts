import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/**
 * A message as a person would write it: absent fields left out, 64-bit integers as numbers, enums by name, bytes as
 * text, and bytes of `…_json` fields parsed. For comparing; not for the wire.
 */
export function readable(schema: DescMessage, message: Message): Record<string, unknown> {
  return readMessage(reflect(schema, message));
}

function readMessage(message: ReflectMessage): Record<string, unknown> {
  const fields = message.sortedFields.filter((field) => message.isSet(field));
  return Object.fromEntries(fields.map((field) => [field.localName, readField(message, field)]));
}

function readField(message: ReflectMessage, field: DescField): unknown {
  switch (field.fieldKind) {
    case "message":
      return readMessage(message.get(field));
    case "list":
      return [...message.get(field)].map((item) =>
        field.listKind === "message" ? readMessage(item as ReflectMessage) : readScalar(field, item),
      );
    case "map":
      return Object.fromEntries([...message.get(field)].map(([key, value]) => [String(key), readScalar(field, value)]));
    case "enum":
      return field.enum.value[message.get(field)]?.name ?? message.get(field);
    default:
      return readScalar(field, message.get(field));
  }
}

function readScalar(field: DescField, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (!(value instanceof Uint8Array)) return value;
  const text = new TextDecoder().decode(value);
  return field.name.endsWith("_json") && text !== "" ? JSON.parse(text) : text;
}
