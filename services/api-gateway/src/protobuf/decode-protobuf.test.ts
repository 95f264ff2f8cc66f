import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { decodeProtobuf } from "./decode-protobuf.ts";

const text = (number: number, value: string) => (writer: BinaryWriter) =>
  writer.tag(number, WireType.LengthDelimited).string(value);
const nested =
  (number: number, ...fields: ((writer: BinaryWriter) => unknown)[]) =>
  (writer: BinaryWriter) =>
    writer.tag(number, WireType.LengthDelimited).bytes(bytes(...fields));
const varint = (number: number, value: number) => (writer: BinaryWriter) =>
  writer.tag(number, WireType.Varint).int64(value);

function bytes(...fields: ((writer: BinaryWriter) => unknown)[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of fields) field(writer);
  return writer.finish();
}

function body(apiVersion: string, kind: string, ...fields: ((writer: BinaryWriter) => unknown)[]): Uint8Array {
  return Buffer.concat([
    Buffer.from("k8s\0"),
    bytes(nested(1, text(1, apiVersion), text(2, kind)), nested(2, ...fields), text(3, ""), text(4, "")),
  ]);
}

describe("decodeProtobuf", () => {
  it("reads what kubectl create secret sends", () => {
    const metadata = nested(1, text(1, "s"), text(3, ""), nested(8), nested(11, text(1, "l"), text(2, "1")));
    const entry = (key: string, value: string) => nested(2, text(1, key), text(2, value));
    expect(decodeProtobuf(body("v1", "Secret", metadata, entry("a", "b"), entry("c", "d"), text(3, "Opaque")))).toEqual(
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s", labels: { l: "1" } },
        data: { a: "Yg==", c: "ZA==" },
        type: "Opaque",
      },
    );
  });

  it("keeps a grace period of zero", () => {
    const eviction = body("policy/v1", "Eviction", nested(1, text(1, "x")), nested(2, varint(1, 0), text(5, "All")));
    expect(decodeProtobuf(eviction)).toMatchObject({ deleteOptions: { gracePeriodSeconds: 0, dryRun: ["All"] } });
  });

  it("skips fields that it does not know", () => {
    expect(
      decodeProtobuf(body("v1", "Namespace", nested(1, text(1, "n"), text(99, "new")), varint(77, 1))),
    ).toMatchObject({
      metadata: { name: "n" },
    });
  });

  it.each([
    ["another form", Buffer.from("{}"), 400],
    ["bytes that end too early", body("v1", "Namespace", nested(1, text(1, "n"))).subarray(0, 20), 400],
    ["a kind that is not known in this form", body("v1", "Pod"), 415],
    ["a text where a message belongs", body("v1", "Namespace", varint(1, 5)), 400],
  ])("refuses %s", (_name, input, code) => {
    expect(() => decodeProtobuf(input)).toThrow(expect.objectContaining({ status: expect.objectContaining({ code }) }));
  });
});
