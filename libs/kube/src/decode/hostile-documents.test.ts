import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configMaps } from "../kinds/config-map/resource.ts";
import { controllerRevisions } from "../kinds/controller-revision/resource.ts";
import { pods } from "../kinds/pod/resource.ts";
import { decodeProtobuf, protobufMediaType } from "../protobuf/decode-protobuf.ts";
import { arbitraryRowName, arbitraryValue, rowNamed } from "../schema/arbitrary-fixture.ts";
import { StatusError } from "../status/status-error.ts";
import { decodeObject } from "./decode-object.ts";
import { parseDocument } from "./parse-document.ts";

type Row = Parameters<typeof decodeObject>[0];

/** As the gateway decodes a request's body. */
function decode(body: Uint8Array, mediaType: string, row: Row = pods) {
  const document = mediaType === protobufMediaType ? decodeProtobuf(body, row.schema) : parseDocument(body, mediaType);
  return decodeObject(row, document, "Warn").object;
}

/** The HTTP code of a refusal, 0 for an object. Anything but a Status of 4xx fails the test, and so does what takes long. */
function codeOf(body: Uint8Array | string, mediaType: string, row: Row = pods): number {
  const started = performance.now();
  try {
    decode(typeof body === "string" ? Buffer.from(body) : body, mediaType, row);
    return 0;
  } catch (error) {
    if (error instanceof StatusError && (error.status.code ?? 500) < 500) return error.status.code ?? 0;
    throw error;
  } finally {
    expect(performance.now() - started).toBeLessThan(5_000);
  }
}

const mediaTypes = ["application/json", "application/yaml", protobufMediaType] as const;
const json = (text: string, row?: Row) => codeOf(text, "application/json", row);
const yaml = (text: string, row?: Row) => codeOf(text, "application/yaml", row);

describe("JSON", () => {
  const deep = (levels: number) => `{"metadata":{"annotations":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}}`;
  it.each<[string, string, number]>([
    ["a thousand objects in each other", deep(1000), 400],
    ["a million objects in each other", '{"a":'.repeat(500_000), 400],
    ["a text that never ends", `{"a":"${"x".repeat(100_000)}`, 400],
    ["a text of escapes", `{"a":"${"\\".repeat(100_001)}`, 400],
    ["a number that is too large for its field", '{"spec":{"priority":1e400}}', 400],
    ["a whole number that no float64 holds", '{"spec":{"terminationGracePeriodSeconds":9223372036854775807}}', 400],
    ["NaN", '{"spec":{"priority":NaN}}', 400],
    ["a number as the document", "1", 400],
    ["nothing", "", 400],
    ["a byte order mark in front", "\ufeff{}", 0],
    ["half of a surrogate pair", '{"metadata":{"name":"\\ud800"}}', 0],
    ["an amount that is too large", '{"spec":{"overhead":{"cpu":1e999}}}', 400],
  ])("%s", (_sentence, text, code) => {
    expect(json(text)).toBe(code);
  });

  it("a number that cannot be written again is refused in data without a schema, too", () => {
    expect(json('{"data":{"a":[1e400]}}', controllerRevisions)).toBe(400);
  });
});

describe("YAML", () => {
  /** Ten times as many with each level. */
  const bomb = (level: (below: string) => string) =>
    ["a0: &a0 {x: 1}", ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} ${level(`*a${at}`)}`)].join(
      "\n",
    );
  const ten = (alias: string) => `[${Array(10).fill(alias).join(",")}]`;

  it.each<[string, string, number]>([
    ["a bomb of aliases", bomb(ten), 400],
    ["a bomb of merge keys", bomb((below) => `{<<: ${ten(below)}}`), 400],
    ["an alias of what it is in", "metadata: &a {annotations: *a}", 400],
    ["a merge of what it is in", "metadata: &a {<<: *a}", 400],
    ["a list of itself, twice", "spec: &a [*a, *a]", 400],
    ["an alias of nothing", "metadata: *a", 400],
    [
      "thousands of anchors and aliases",
      Array.from({ length: 15_000 }, (_, at) => `- &a${at} x\n- *a${at}`).join("\n"),
      400,
    ],
    ["tens of thousands of keys", `data:\n${Array.from({ length: 40_000 }, (_, at) => `  k${at}:`).join("\n")}`, 0],
    ["a map as a key", "? {a: 1}\n: 1", 400],
    ["a list as a key", "? [a]\n: 1", 400],
    ["no number", "spec: {priority: .nan}", 400],
    ["an infinite number", "spec: {priority: -.inf}", 400],
    ["a number of half a million digits", `spec: {priority: ${"9".repeat(500_000)}}`, 400],
    ["blocks in blocks", Array.from({ length: 900 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"), 400],
    ["keys in keys", "? ".repeat(3000), 400],
    ["a directive of another version", "%YAML 9.9\n---\nkind: Pod", 0],
    ["a tag that is not known", "metadata: !!js/function {}", 0],
  ])("%s", (_sentence, text, code) => {
    expect(yaml(text)).toBe(code);
  });

  it("JSON that is sent as YAML has JSON's limit, and flow YAML may look like it", () => {
    const big = JSON.stringify({ data: { a: "x".repeat(1_000_000), b: "no" } });
    expect(yaml(big, configMaps)).toBe(0);
    expect(yaml(`${big}#`, configMaps)).toBe(413);
    expect(yaml('{"data": {a: b}}', configMaps)).toBe(0);
    expect(yaml('{"data": {"a": b, "a": c}', configMaps)).toBe(400);
  });

  it("a merge key fills in what the map has not", () => {
    const text = "x: &x {a: '1', b: '1'}\nmetadata: {labels: {<<: *x, b: '2'}}";
    const { object } = decodeObject(pods, parseDocument(Buffer.from(text), "application/yaml"), "Ignore");
    expect(object.metadata.labels).toEqual({ a: "1", b: "2" });
  });

  it("names every line that repeats a key, in flow and in block", () => {
    const text = "metadata: {name: a, name: b}\nspec:\n  nodeName: a\n  nodeName: b\n";
    const { warnings } = decodeObject(pods, parseDocument(Buffer.from(text), "application/yaml"), "Warn");
    expect(warnings).toEqual(["yaml: line 1: key already set in map", "yaml: line 4: key already set in map"]);
  });
});

describe("protobuf", () => {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
  const field = (number: number, ...parts: Uint8Array[]) => {
    const bytes = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
  };
  const text = (number: number, value: string) => field(number, Buffer.from(value));
  const object = (kind: string, apiVersion: string, ...parts: Uint8Array[]) =>
    Buffer.concat([Buffer.from("k8s\0"), field(1, text(1, apiVersion), text(2, kind)), field(2, ...parts)]);

  it("hundreds of thousands of entries of a map cost little", () => {
    const entries = Array.from({ length: 200_000 }, (_, at) => field(2, text(1, `k${at}`), text(2, "")));
    expect(codeOf(object("ConfigMap", "v1", Buffer.concat(entries)), protobufMediaType, configMaps)).toBe(0);
  });

  it.each<[string, Uint8Array, Row]>([
    ["groups in groups", object("Pod", "v1", Buffer.alloc(1_000_000, 0x9b)), pods],
    [
      "JSON in it that is too deep",
      object("ControllerRevision", "apps/v1", field(2, text(1, '{"a":'.repeat(10_000)))),
      controllerRevisions,
    ],
    [
      "a time beyond the year 9999",
      object("Pod", "v1", field(1, field(8, Buffer.from([8, ...varint(2 ** 50)])))),
      pods,
    ],
  ])("%s are refused", (_sentence, body, row) => {
    expect(codeOf(body, protobufMediaType, row)).toBe(400);
  });

  it("a label called __proto__ is an ordinary label", () => {
    const body = object(
      "Pod",
      "v1",
      field(1, field(11, text(1, "__proto__"), text(2, "x")), field(11, text(1, "a"), text(2, "b"))),
    );
    expect(Object.entries(decode(body, protobufMediaType).metadata.labels ?? {})).toEqual([
      ["__proto__", "x"],
      ["a", "b"],
    ]);
  });
});

describe.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"])("a key %s", (name) => {
  it("is data, wherever it stands", () => {
    const document = `{"metadata":{"labels":{"${name}":"x"}},"${name}":{"polluted":"x"},"spec":{"${name}":{"polluted":"x"}}}`;
    for (const mediaType of ["application/json", "application/yaml"]) {
      const parsed = parseDocument(Buffer.from(document), mediaType);
      const { object, warnings } = decodeObject(pods, parsed, "Warn");
      expect(Object.entries(object.metadata.labels ?? {})).toEqual([[name, "x"]]);
      expect(warnings).toEqual([`unknown field "${name}"`, `unknown field "spec.${name}"`]);
    }
    expect(Reflect.has({}, "polluted") || Reflect.has(() => undefined, "polluted")).toBe(false);
  });
});

describe("fuzz", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const pieces = fc.array(
    fc.constantFrom(
      ...[
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        '"',
        "'",
        "\n",
        "  ",
        "- ",
        "? ",
        "&a ",
        "*a",
        "<<: ",
        "!!x ",
        "|",
        ">",
        "#",
      ],
      ...[
        "kind",
        "Pod",
        "spec",
        "containers",
        "metadata",
        "labels",
        "name",
        "__proto__",
        "0",
        "1e999",
        "null",
        "~",
        "\\u12",
        "\t",
        "%",
      ],
    ),
    { maxLength: 40 },
  );

  it.each(mediaTypes)("any bytes as %s are an object or refused with a code of 4xx", (mediaType) => {
    fc.assert(
      fc.property(bytes, (body) => void codeOf(body, mediaType)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(pieces, (some) => void codeOf(some.join(""), mediaType)),
      { numRuns: 2_000 },
    );
  });

  it("an object of any kind that is decoded decodes to itself, as JSON and as YAML", () => {
    const objectOfKind = arbitraryRowName.chain((kind) =>
      fc.tuple(fc.constant(kind), arbitraryValue(rowNamed(kind).schema)),
    );
    fc.assert(
      fc.property(objectOfKind, ([kind, value]) => {
        const row = rowNamed(kind);
        const { apiVersion: _, kind: __, ...given } = value as Record<string, unknown>;
        const { object } = decodeObject(row, given, "Strict");
        const text = Buffer.from(JSON.stringify(object));
        expect(decode(text, "application/json", row)).toEqual(object);
        expect(decode(text, "application/yaml", row)).toEqual(object);
      }),
      { numRuns: 500 },
    );
  });
});
