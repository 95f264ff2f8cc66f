import { describe, expect, it } from "vitest";
import { decodeObject } from "../decode/decode-object.ts";
import { findKind, findResource, resources } from "../resources.ts";
import { fieldMeta } from "../schema/fields.ts";
import { printFieldError } from "../validation/field-error.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

function read(kind: string, value: object) {
  const row = findKind("", "v1", kind) ?? findKind("coordination.k8s.io", "v1", kind);
  if (row === undefined) throw new Error(`no kind ${kind}`);
  const named = {
    ...value,
    metadata: { name: "a", ...(row.namespaced ? { namespace: "default" } : {}), ...Reflect.get(value, "metadata") },
  };
  return { row, object: row.defaults(decodeObject(row, named, "Strict").object) };
}

function problems(kind: string, value: object): string[] {
  const { row, object } = read(kind, value);
  return row.validate(object).map(printFieldError);
}

describe("validation of the other kinds", () => {
  it.each<[string, string, object, string[]]>([
    ["a plain secret", "Secret", { stringData: { a: "b" } }, []],
    [
      "a secret's bad key",
      "Secret",
      { data: { "a/b": "" } },
      [expect.stringContaining('data[a/b]: Invalid value: "a/b": a valid config key')],
    ],
    [
      "a secret above 1 MiB",
      "Secret",
      { data: { a: base64("x".repeat(1024 * 1024 + 1)) } },
      ["data: Too long: must have at most 1048576 bytes"],
    ],
    [
      "TLS without key",
      "Secret",
      { type: "kubernetes.io/tls", data: { "tls.crt": "" } },
      ["data[tls.key]: Required value"],
    ],
    [
      "basic auth without anything",
      "Secret",
      { type: "kubernetes.io/basic-auth" },
      ["data[username]: Required value", "data[password]: Required value"],
    ],
    ["basic auth by password only", "Secret", { type: "kubernetes.io/basic-auth", stringData: { password: "p" } }, []],
    ["ssh without key", "Secret", { type: "kubernetes.io/ssh-auth" }, ["data[ssh-privatekey]: Required value"]],
    [
      "docker config without data",
      "Secret",
      { type: "kubernetes.io/dockerconfigjson" },
      ["data[.dockerconfigjson]: Required value"],
    ],
    [
      "docker config that is no JSON, without quoting it",
      "Secret",
      { type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "password123" } },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid JSON'],
    ],
    [
      "a token of nobody",
      "Secret",
      { type: "kubernetes.io/service-account-token" },
      ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
    ],
    ["a type of one's own", "Secret", { type: "example.com/x" }, []],
    ["a type named like a method", "Secret", { type: "toString" }, []],
    ["a config map", "ConfigMap", { data: { a: "b" }, binaryData: { c: "" } }, []],
    [
      "a key twice",
      "ConfigMap",
      { data: { a: "b" }, binaryData: { a: "" } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [
      "a config map above 1 MiB",
      "ConfigMap",
      { data: { a: "x".repeat(1024 * 1024 + 1) } },
      ["Too long: must have at most 1048576 bytes"],
    ],
    [
      "a namespace with a dot",
      "Namespace",
      { metadata: { name: "a.b" } },
      [expect.stringContaining('metadata.name: Invalid value: "a.b": a lowercase RFC 1123 label')],
    ],
    [
      "a node in a namespace",
      "Node",
      { metadata: { namespace: "default" } },
      ["metadata.namespace: Forbidden: not allowed on this type"],
    ],
    ["a taint without effect", "Node", { spec: { taints: [{ key: "a" }] } }, ["spec.taints[0].effect: Required value"]],
    [
      "a taint twice",
      "Node",
      {
        spec: {
          taints: [
            { key: "a", effect: "NoSchedule" },
            { key: "a", value: "b", effect: "NoSchedule" },
          ],
        },
      },
      [
        'spec.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoSchedule"}: taints must be unique by key and effect pair',
      ],
    ],
    [
      "a lease of no time",
      "Lease",
      { spec: { leaseDurationSeconds: 0 } },
      ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
    ],
    [
      "negative transitions",
      "Lease",
      { spec: { leaseTransitions: -1 } },
      ["spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"],
    ],
    ["a service account", "ServiceAccount", {}, []],
  ])("%s", (_sentence, kind, value, expected) => {
    expect(problems(kind, value)).toEqual(expected);
  });
});

describe("updates of the other kinds", () => {
  const update = (kind: string, before: object, after: object) => {
    const { row, object: previous } = read(kind, before);
    const { object: next } = read(kind, after);
    return row.validateUpdate(next, previous).map(printFieldError);
  };
  const frozen = "Forbidden: field is immutable when `immutable` is set";
  it.each<[string, string, object, object, string[]]>([
    ["data changes", "Secret", { stringData: { a: "1" } }, { stringData: { a: "2" } }, []],
    ["the type changes", "Secret", {}, { type: "x" }, ['type: Invalid value: "x": field is immutable']],
    [
      "an immutable secret changes",
      "Secret",
      { immutable: true, stringData: { a: "1" } },
      { immutable: true, stringData: { a: "2" } },
      [`data: ${frozen}`],
    ],
    ["an immutable secret is thawed", "Secret", { immutable: true }, {}, [`immutable: ${frozen}`]],
    [
      "an immutable config map changes",
      "ConfigMap",
      { immutable: true, data: { a: "1" } },
      { immutable: true },
      [`data: ${frozen}`],
    ],
    [
      "a node's provider changes",
      "Node",
      { spec: { providerID: "a" } },
      { spec: { providerID: "b" } },
      ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
    ],
    [
      "a node gets labels and taints",
      "Node",
      {},
      { metadata: { labels: { a: "b" } }, spec: { taints: [{ key: "a", effect: "NoSchedule" }] } },
      [],
    ],
  ])("%s", (_sentence, kind, before, after, expected) => {
    expect(update(kind, before, after)).toEqual(expected);
  });
});

describe("defaults of the other kinds", () => {
  it("a secret's stringData ends up in data, over what was there", () => {
    const { object } = read("Secret", { data: { a: base64("old"), b: base64("kept") }, stringData: { a: "new" } });
    expect(object).toMatchObject({ type: "Opaque", data: { a: base64("new"), b: base64("kept") } });
    expect(object).not.toHaveProperty("stringData");
  });

  it("a namespace carries its name as a label, a finalizer, and is Active", () => {
    const { row, object } = read("Namespace", {});
    expect(row.prepareForCreate(object)).toMatchObject({
      metadata: { labels: { "kubernetes.io/metadata.name": "a" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  });

  it("a node that tells only its capacity offers all of it", () => {
    expect(read("Node", { status: { capacity: { cpu: "2" } } }).object).toMatchObject({
      status: { allocatable: { cpu: "2" } },
    });
  });
});

describe("the table of resources", () => {
  it("finds rows by URL and by kind", () => {
    expect(findResource("", "v1", "pods")?.kind).toBe("Pod");
    expect(findKind("coordination.k8s.io", "v1", "Lease")?.storageResource).toBe("leases.coordination.k8s.io");
    expect(findResource("", "v2", "pods")).toBeUndefined();
  });

  it.each(resources.map((row) => [row.kind, row] as const))(
    "%s: names are unique and its type is named",
    (_kind, row) => {
      expect(resources.filter((other) => other.group === row.group && other.plural === row.plural)).toHaveLength(1);
      expect(fieldMeta.get(row.schema)?.typeName).toMatch(new RegExp(`\\.${row.kind}$`));
      expect(row.columns.length).toBeGreaterThan(1);
    },
  );
});
