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
    [
      "a taint without effect",
      "Node",
      { spec: { taints: [{ key: "a" }] } },
      ["metadata.taints[0].effect: Required value"],
    ],
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
        'metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoSchedule"}: taints must be unique by key and effect pair',
      ],
    ],
    [
      "a taint with a bad value and an odd effect",
      "Node",
      { spec: { taints: [{ key: "a", value: "b c", effect: "NoWay" }] } },
      [
        expect.stringContaining('metadata.taints[0].value: Invalid value: "b c": a valid label must be'),
        'metadata.taints[0].effect: Unsupported value: "NoWay": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      "a node of half a pod and less than no memory",
      "Node",
      { status: { capacity: { pods: "500m" }, allocatable: { memory: "-1" } } },
      [
        'status.capacity.pods: Invalid value: "500m": must be an integer',
        'status.allocatable.memory: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    ["a node with a range of each family", "Node", { spec: { podCIDRs: ["10.0.0.0/24", "fd00::/64"] } }, []],
    [
      "a node with the same range twice",
      "Node",
      { spec: { podCIDRs: ["10.0.0.0/24", "10.0.0.0/24"] } },
      [
        'spec.podCIDRs: Invalid value: []string{"10.0.0.0/24", "10.0.0.0/24"}: may specify no more than one CIDR for each IP family',
        'spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"',
      ],
    ],
    [
      "a node with a range that is none",
      "Node",
      { spec: { podCIDR: "10.0.0.0" } },
      ['spec.podCIDRs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    ["a namespace held by somebody", "Namespace", { spec: { finalizers: ["example.com/x", "kubernetes"] } }, []],
    [
      "a namespace held by nobody known",
      "Namespace",
      { spec: { finalizers: ["x"] } },
      ['spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified'],
    ],
    [
      "docker config that is a list",
      "Secret",
      { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "[]" } },
      ['data[.dockercfg]: Invalid value: "<secret contents redacted>": must be a JSON object'],
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
      "an immutable config map changes its bytes and is thawed",
      "ConfigMap",
      { immutable: true, binaryData: { a: "" } },
      {},
      [`immutable: ${frozen}`, `binaryData: ${frozen}`],
    ],
    ["a config map becomes immutable", "ConfigMap", { data: { a: "1" } }, { data: { a: "1" }, immutable: true }, []],
    [
      "a node's range changes",
      "Node",
      { spec: { podCIDR: "10.0.0.0/24" } },
      { spec: { podCIDR: "10.0.1.0/24" } },
      ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
    ],
    ["a node gets a range", "Node", {}, { spec: { podCIDRs: ["10.0.0.0/24"] } }, []],
    [
      "a node's old identity changes",
      "Node",
      { spec: { externalID: "a" } },
      { spec: { externalID: "b" } },
      ["spec.externalID: Forbidden: may not be updated"],
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

describe("the status of the other kinds", () => {
  const phase = (status: object, metadata: object = {}) => {
    const { row, object } = read("Namespace", { status, metadata });
    return row.validateStatusUpdate(object, object).map(printFieldError);
  };
  const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  it("a namespace is Active, or Terminating once it is deleted", () => {
    expect(phase({ phase: "Active" })).toEqual([]);
    expect(phase({ phase: "Terminating" }, going)).toEqual([]);
    expect(phase({ phase: "Terminating" })).toEqual([
      `status.Phase: Invalid value: "Terminating": may only be 'Active' if \`deletionTimestamp\` is empty`,
    ]);
    expect(phase({ phase: "Active" }, going)).toEqual([
      `status.Phase: Invalid value: "Active": may only be 'Terminating' if \`deletionTimestamp\` is not empty`,
    ]);
  });

  it("a node has each address once", () => {
    const address = { type: "InternalIP", address: "10.0.0.1" };
    const { row, object } = read("Node", { status: { addresses: [address, address] } });
    expect(row.validateStatusUpdate(object, object).map(printFieldError)).toEqual([
      'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
    ]);
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

  it("a namespace's finalizers are not an update's to change", () => {
    const { row, object } = read("Namespace", { spec: { finalizers: ["example.com/x"] } });
    const stored = row.prepareForCreate(object);
    expect(stored).toMatchObject({ spec: { finalizers: ["example.com/x", "kubernetes"] } });
    expect(row.prepareForUpdate(read("Namespace", {}).object, stored)).toEqual(stored);
  });

  it("a node's first range stands in both fields", () => {
    expect(read("Node", { spec: { podCIDR: "10.0.0.0/24" } }).object).toMatchObject({
      spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24"] },
    });
    expect(read("Node", { spec: { podCIDRs: ["10.0.0.0/24", "fd00::/64"] } }).object).toMatchObject({
      spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] },
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
