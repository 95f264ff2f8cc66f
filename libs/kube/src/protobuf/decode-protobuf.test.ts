import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evictionSchema } from "../kinds/eviction/schema.ts";
import { namespaceSchema } from "../kinds/namespace/schema.ts";
import { podSchema } from "../kinds/pod/schema.ts";
import { roleSchema } from "../kinds/role/schema.ts";
import { secretSchema } from "../kinds/secret/schema.ts";
import { resources } from "../resources.ts";
import { objectType } from "../schema/fields.ts";
import { StatusError } from "../status/status-error.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { messageFields } from "./message-fields.ts";

type Write = (writer: BinaryWriter) => unknown;

const text =
  (number: number, value: string): Write =>
  (writer) =>
    writer.tag(number, WireType.LengthDelimited).string(value);
const nested =
  (number: number, ...fields: Write[]): Write =>
  (writer) =>
    writer.tag(number, WireType.LengthDelimited).bytes(bytes(...fields));
const varint =
  (number: number, value: number): Write =>
  (writer) =>
    writer.tag(number, WireType.Varint).int64(value);

function bytes(...fields: Write[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of fields) field(writer);
  return writer.finish();
}

function body(apiVersion: string, kind: string, ...fields: Write[]): Uint8Array {
  return Buffer.concat([
    Buffer.from("k8s\0"),
    bytes(nested(1, text(1, apiVersion), text(2, kind)), nested(2, ...fields), text(3, ""), text(4, "")),
  ]);
}

describe("decodeProtobuf", () => {
  it("reads what kubectl create secret sends", () => {
    const metadata = nested(1, text(1, "s"), text(3, ""), nested(8), nested(11, text(1, "l"), text(2, "1")));
    const entry = (key: string, value: string) => nested(2, text(1, key), text(2, value));
    const secret = body("v1", "Secret", metadata, entry("a", "b"), entry("c", "d"), text(3, "Opaque"));
    expect(decodeProtobuf(secret, secretSchema)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", labels: { l: "1" } },
      data: { a: "Yg==", c: "ZA==" },
      type: "Opaque",
    });
  });

  it("reads a pod: embedded structs, amounts, numbers or texts, and no zero that nobody set", () => {
    const probe = nested(
      10,
      nested(1, nested(2, text(1, "/"), nested(2, varint(1, 1), varint(2, 0), text(3, "web")))),
      ...[2, 3, 4, 5, 6].map((number) => varint(number, 0)),
    );
    const limits = nested(8, nested(1, text(1, "cpu"), nested(2, text(1, "500m"))));
    const port = nested(6, text(1, ""), varint(2, 0), varint(3, 80));
    const container = nested(2, text(1, "c"), text(2, "i"), port, limits, probe, varint(16, 0));
    const volume = nested(1, text(1, "v"), nested(2, nested(2, text(1, "Memory"))));
    const pod = body("v1", "Pod", nested(2, volume, container, varint(4, 0), varint(11, 0)));
    expect(decodeProtobuf(pod, podSchema)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      spec: {
        volumes: [{ name: "v", emptyDir: { medium: "Memory" } }],
        containers: [
          {
            name: "c",
            image: "i",
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: "500m" } },
            livenessProbe: { httpGet: { path: "/", port: "web" } },
          },
        ],
        // A pointer in Go: somebody set it.
        terminationGracePeriodSeconds: 0,
      },
    });
  });

  it("keeps an empty text in a list: the core group's name", () => {
    const role = body("rbac.authorization.k8s.io/v1", "Role", nested(2, text(1, "get"), text(2, ""), text(3, "pods")));
    expect(decodeProtobuf(role, roleSchema)).toMatchObject({
      rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }],
    });
  });

  it("keeps a grace period of zero", () => {
    const eviction = body("policy/v1", "Eviction", nested(1, text(1, "x")), nested(2, varint(1, 0), text(5, "All")));
    expect(decodeProtobuf(eviction, evictionSchema)).toMatchObject({
      deleteOptions: { gracePeriodSeconds: 0, dryRun: ["All"] },
    });
  });

  it("skips fields that it does not know", () => {
    const namespace = body("v1", "Namespace", nested(1, text(1, "n"), text(99, "new")), varint(77, 1));
    expect(decodeProtobuf(namespace, namespaceSchema)).toMatchObject({ metadata: { name: "n" } });
  });

  const unknownType = objectType("example.Unknown", {});
  const namespace = body("v1", "Namespace", nested(1, text(1, "n")));
  it.each([
    { sentence: "another form", input: Buffer.from("{}"), schema: namespaceSchema, code: 400 },
    { sentence: "bytes that end too early", input: namespace.subarray(0, 20), schema: namespaceSchema, code: 400 },
    { sentence: "a type whose numbers are not known", input: body("v1", "X"), schema: unknownType, code: 415 },
    {
      sentence: "a number where a message belongs",
      input: body("v1", "Namespace", varint(1, 5)),
      schema: namespaceSchema,
      code: 400,
    },
  ])("refuses $sentence", ({ input, schema, code }) => {
    expect(() => decodeProtobuf(input, schema)).toThrow(
      expect.objectContaining({ status: expect.objectContaining({ code }) }),
    );
  });

  it("answers or refuses whatever bytes come", () => {
    const pod = body("v1", "Pod", nested(1, text(1, "n")), nested(2, nested(2, text(1, "c")), text(3, "Always")));
    const damaged = fc.tuple(fc.nat(pod.length - 1), fc.uint8Array({ maxLength: 12 })).map(([at, by]) => {
      return Buffer.concat([pod.subarray(0, at), by, pod.subarray(at + 1)]);
    });
    const random = fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([Buffer.from("k8s\0"), tail]));
    fc.assert(
      fc.property(fc.oneof(damaged, random), (input) => {
        try {
          decodeProtobuf(input, podSchema);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("field numbers", () => {
  it.each(resources.map(({ kind, schema }) => ({ kind, schema })))("are known for all of $kind", ({ schema }) => {
    expect(typesWithoutNumbers(schema)).toEqual([]);
  });
});

function typesWithoutNumbers(schema: Parameters<typeof messageFields>[0], seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const { def } = (schema as import("zod").z.core.$ZodTypes)._zod;
  const inner =
    def.type === "object"
      ? Object.values(def.shape)
      : def.type === "array"
        ? [def.element]
        : def.type === "record"
          ? [def.valueType]
          : def.type === "optional"
            ? [def.innerType]
            : [];
  const own = def.type === "object" && !messageFields(schema) ? [`${Object.keys(def.shape)}`] : [];
  return [...own, ...inner.flatMap((each) => typesWithoutNumbers(each, seen))];
}
