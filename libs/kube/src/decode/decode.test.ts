import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainPod } from "../kinds/pod/pod-fixture.ts";
import { pods } from "../kinds/pod/resource.ts";
import { podSchema } from "../kinds/pod/schema.ts";
import { secrets } from "../kinds/secret/resource.ts";
import { resources } from "../resources.ts";
import { StatusError } from "../status/status-error.ts";
import { decodeObject } from "./decode-object.ts";
import { parseDocument } from "./parse-document.ts";

function statusOf(run: () => unknown) {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof StatusError) return thrown.status;
    throw thrown;
  }
  return undefined;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (text: string) => parseDocument(bytes(text), "application/json");
const yaml = (text: string) => parseDocument(bytes(text), "application/yaml");
const pod = (spec: object, more: object = {}) => ({ ...plainPod, spec: { ...spec }, ...more });
const prefix = 'Pod in version "v1" cannot be handled as a Pod: ';

describe("what does not fit its field is a BadRequest in Go's words", () => {
  it.each<[string, unknown, string]>([
    [
      "a number for text",
      pod({ containers: [{ name: 1 }] }),
      `${prefix}json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string`,
    ],
    [
      "text for a number",
      pod({ terminationGracePeriodSeconds: "5" }),
      `${prefix}json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64`,
    ],
    [
      "a fraction for a whole number",
      pod({ priority: 1.5 }),
      `${prefix}json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32`,
    ],
    [
      "a number beyond 32 bits",
      pod({ priority: 2 ** 31 }),
      `${prefix}json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32`,
    ],
    [
      "an object for a list",
      pod({ containers: {} }),
      `${prefix}json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container`,
    ],
    [
      "a list for an object",
      { ...plainPod, spec: [] },
      `${prefix}json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec`,
    ],
    [
      "text for yes or no",
      pod({ hostNetwork: "true" }),
      `${prefix}json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool`,
    ],
    [
      "a number in a map of text",
      { ...plainPod, metadata: { labels: { a: 1 } } },
      `${prefix}json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string`,
    ],
    [
      "an amount that is none",
      pod({ containers: [{ name: "a", resources: { limits: { cpu: "lots" } } }] }),
      `${prefix}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      "a time that is none",
      { ...plainPod, metadata: { creationTimestamp: "yesterday" } },
      `${prefix}parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday"`,
    ],
    [
      "a time that its zone leads out of the years with four digits",
      { ...plainPod, metadata: { creationTimestamp: "9999-12-31T23:59:59-12:00" } },
      `${prefix}parsing time "9999-12-31T23:59:59-12:00" as "2006-01-02T15:04:05Z07:00": cannot parse "9999-12-31T23:59:59-12:00"`,
    ],
    [
      "another kind",
      { ...plainPod, kind: "Node" },
      'Node in version "v1" cannot be handled as a Pod: converting (v1.Node) to (Pod): unknown conversion',
    ],
    [
      "another version",
      { ...plainPod, apiVersion: "v2" },
      'Pod in version "v2" cannot be handled as a Pod: no kind "Pod" is registered for version "v2"',
    ],
    ["a list", [], "couldn't get version/kind; json: cannot unmarshal array into Go value of type v1.Pod"],
    ["nothing", null, "couldn't get version/kind; json: cannot unmarshal null into Go value of type v1.Pod"],
  ])("%s", (_sentence, value, message) => {
    expect(statusOf(() => decodeObject(pods, value, "Ignore"))).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message,
    });
  });

  it("base64 that is none", () => {
    const secret = { metadata: { name: "s" }, data: { a: "###" } };
    expect(statusOf(() => decodeObject(secrets, secret, "Strict"))?.message).toBe(
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    );
  });
});

describe("unknown and repeated fields", () => {
  const unknown = pod({ foo: 1, containers: [{ name: "a", bar: { x: 1 } }] });

  it("Strict names them all", () => {
    expect(statusOf(() => decodeObject(pods, unknown, "Strict"))?.message).toBe(
      `${prefix}strict decoding error: unknown field "spec.foo", unknown field "spec.containers[0].bar"`,
    );
  });

  it("Warn tells, Ignore does not, both drop them", () => {
    const warned = decodeObject(pods, unknown, "Warn");
    expect(warned.warnings).toEqual(['unknown field "spec.foo"', 'unknown field "spec.containers[0].bar"']);
    expect(warned.object.spec).toEqual({ containers: [{ name: "a" }] });
    expect(decodeObject(pods, unknown, "Ignore").warnings).toEqual([]);
  });

  it.each([
    ['{"spec":{"nodeName":"a","nodeName":"b"}}', 'duplicate field "spec.nodeName"'],
    ['{"spec":{"containers":[{},{"name":"a","name":"b"}]}}', 'duplicate field "spec.containers[1].name"'],
    ['{"kind":"Pod","kin\\u0064":"Pod"}', 'duplicate field "kind"'],
  ])("%s", (text, problem) => {
    expect(statusOf(() => decodeObject(pods, json(text), "Strict"))?.message).toContain(problem);
    expect(decodeObject(pods, json(text), "Warn").warnings).toContain(problem);
  });

  it("equal keys of different objects are no duplicates", () => {
    const text =
      '{"metadata":{"labels":{"a":"{\\"a\\":1}"},"annotations":{"a":"b:\\"a\\":"}},"spec":{"containers":[]}}';
    expect(decodeObject(pods, json(text), "Strict").warnings).toEqual([]);
  });

  it("YAML tells where a key comes again", () => {
    expect(
      statusOf(() => decodeObject(pods, yaml("kind: Pod\nspec:\n  nodeName: a\n  nodeName: b\n"), "Strict"))?.message,
    ).toContain("line 4: key already set in map");
  });
});

describe("what decoding makes of a value", () => {
  it("amounts and times are canonical, numbers are amounts", () => {
    const value = pod(
      { containers: [{ name: "a", resources: { limits: { cpu: 0.5, memory: "1024Mi" } } }] },
      {
        metadata: { name: "a", creationTimestamp: "2026-01-01T02:00:00.5+02:00" },
      },
    );
    const { object } = decodeObject(pods, value, "Strict");
    expect(object.spec.containers[0]?.resources?.limits).toEqual({ cpu: "500m", memory: "1Gi" });
    expect(object.metadata.creationTimestamp).toBe("2026-01-01T00:00:00Z");
  });

  it("null and what is empty are left out, what Go always has is filled in", () => {
    const { object } = decodeObject(
      pods,
      { metadata: { name: "a", labels: {} }, spec: { nodeName: "", volumes: null } },
      "Strict",
    );
    expect(object).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [] } });
  });

  it("the value given stays as it is", () => {
    const value = structuredClone(plainPod);
    decodeObject(pods, value, "Strict");
    expect(value).toEqual(plainPod);
  });

  it("a label called __proto__ is an ordinary label", () => {
    const { object } = decodeObject(pods, json('{"metadata":{"labels":{"__proto__":"x"}}}'), "Strict");
    expect(Object.entries(object.metadata.labels ?? {})).toEqual([["__proto__", "x"]]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe("documents", () => {
  it.each<[string, () => unknown, number]>([
    ["no JSON", () => json("hello"), 400],
    ["cut JSON", () => json('{"a":'), 400],
    ["no UTF-8", () => parseDocument(Uint8Array.of(0xff, 0xfe), "application/json"), 400],
    ["JSON of more than 3 MiB", () => json(`"${"x".repeat(3 * 1024 * 1024)}"`), 413],
    ["JSON a thousand deep", () => json("[".repeat(1000) + "]".repeat(1000)), 400],
    ["a million open brackets", () => json("[".repeat(1_000_000)), 400],
    ["YAML of more than 512 KiB", () => yaml(`a: ${"x".repeat(512 * 1024)}`), 413],
    ["YAML a thousand deep", () => yaml("[".repeat(1000) + "]".repeat(1000)), 400],
    ["YAML in blocks, a thousand deep", () => yaml("- ".repeat(1000)), 400],
    ["broken YAML", () => yaml("a: [1"), 400],
    ["two YAML documents", () => yaml("a: 1\n---\nb: 1\n"), 400],
    ["protobuf", () => parseDocument(Uint8Array.of(1), "application/vnd.kubernetes.protobuf"), 415],
  ])("%s is refused", (_sentence, run, code) => {
    expect(statusOf(run)?.code).toBe(code);
  });

  it("a bomb of YAML aliases is refused at once", () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let level = 1; level < 10; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(",")}]`,
      );
    }
    const before = performance.now();
    expect(statusOf(() => yaml(lines.join("\n")))?.code).toBe(400);
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it("YAML is read as Kubernetes reads it", () => {
    expect(yaml("a: yes\nb: 0644\nc: 22:22\nd: 2026-01-01\ne: '1'\nf: ~\n")).toEqual({
      a: true,
      b: 420,
      c: "22:22",
      d: "2026-01-01",
      e: "1",
      f: null,
    });
  });

  it("an ordinary use of aliases works", () => {
    expect(yaml("a: &x {b: 1}\nc: *x\n")).toEqual({ a: { b: 1 }, c: { b: 1 } });
  });

  it("a charset in the content type does not matter", () => {
    expect(parseDocument(bytes("{}"), "application/json; charset=utf-8")).toEqual({});
  });
});

describe("fuzz", () => {
  it("any JSON is an object of the kind that its schema accepts, or a BadRequest", () => {
    fc.assert(
      fc.property(fc.constantFrom(...resources), fc.jsonValue(), (resource, value) => {
        const refused = statusOf(() => decodeObject(resource, value, "Ignore"));
        expect([undefined, 400]).toContain(refused?.code);
      }),
    );
  });

  it("what was decoded is valid to the zod schema and decodes to itself", () => {
    const spec = fc.record(
      {
        nodeName: fc.string(),
        priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        hostNetwork: fc.boolean(),
        nodeSelector: fc.dictionary(fc.string(), fc.string()),
        containers: fc.array(fc.record({ name: fc.string(), args: fc.array(fc.string()) }, { requiredKeys: [] })),
        unknown: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(spec, (value) => {
        const { object } = decodeObject(pods, { metadata: { name: "a" }, spec: value }, "Ignore");
        expect(podSchema.safeParse(object).error).toBeUndefined();
        expect(decodeObject(pods, object, "Strict").object).toEqual(object);
      }),
    );
  });

  it("any JSON text gives what JSON.parse gives", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = json(text);
        expect(value).toEqual(JSON.parse(text));
      }),
    );
  });
});
