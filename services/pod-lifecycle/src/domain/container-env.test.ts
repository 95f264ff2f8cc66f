import type { Container } from "@podbus/kube";
import { expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { containerEnv, type Dependencies } from "./container-env.ts";
import { serviceEnv } from "./service-env.ts";

const objects: Dependencies = {
  services: new Map(),
  configMap: (name) =>
    name === "cfg"
      ? { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "c", "bad key": "x" } }
      : undefined,
  secret: (name) =>
    name === "sec"
      ? { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { key: Buffer.from("s").toString("base64") } }
      : undefined,
};
const subject = pod(
  { nodeName: "node-1", serviceAccountName: "builder" },
  { metadata: { labels: { app: "web" }, annotations: { b: "2", a: "1" } } },
);
const facts = { pod: subject, podIps: ["10.1.0.5"], hostIps: ["192.0.2.1"], allocatable: { cpu: "2", memory: "1Gi" } };
const envOf = (change: Partial<Container>) => containerEnv(container("main", change), facts, objects);
const valuesOf = (change: Partial<Container>) => Object.fromEntries(envOf(change).values);
const field = (fieldPath: string) => valuesOf({ env: [{ name: "X", valueFrom: { fieldRef: { fieldPath } } }] }).X;

test("env wins over envFrom, the later source over the earlier one", () => {
  const envFrom = [{ configMapRef: { name: "cfg" } }, { secretRef: { name: "sec" } }];
  expect(valuesOf({ envFrom })).toEqual({ key: "s" });
  expect(valuesOf({ envFrom, env: [{ name: "key", value: "own" }] })).toEqual({ key: "own" });
  expect(valuesOf({ envFrom: [{ prefix: "P_", configMapRef: { name: "cfg" } }] })).toMatchObject({ P_key: "c" });
});

test("keys that are no variable names are left out, with a warning", () => {
  expect(envOf({ envFrom: [{ configMapRef: { name: "cfg" } }] }).warnings).toEqual([
    "Keys [bad key] from the EnvFrom configMap default/cfg were skipped since they are considered invalid environment variable names.",
  ]);
});

test("a variable refers to those before it only", () => {
  const env = [
    { name: "A", value: "$(B)" },
    { name: "B", value: "b" },
    { name: "C", value: "$(A)$(B)" },
  ];
  expect(valuesOf({ env })).toEqual({ A: "$(B)", B: "b", C: "$(B)b" });
});

test.each([
  ["a missing object", { configMapKeyRef: { name: "nope", key: "k" } }, 'configmap "nope" not found'],
  ["a missing key", { secretKeyRef: { name: "sec", key: "k" } }, "couldn't find key k in Secret default/sec"],
  ["an unknown field", { fieldRef: { fieldPath: "spec.nope" } }, "unsupported fieldPath: spec.nope"],
])("%s fails", (_, valueFrom, message) => {
  expect(() => envOf({ env: [{ name: "X", valueFrom }] })).toThrow(message);
});

test("what is optional may be missing", () => {
  const env = [{ name: "X", valueFrom: { secretKeyRef: { name: "nope", key: "k", optional: true } } }];
  expect(valuesOf({ env, envFrom: [{ configMapRef: { name: "nope", optional: true } }] })).toEqual({});
  expect(() => envOf({ envFrom: [{ secretRef: { name: "nope" } }] })).toThrow('secret "nope" not found');
});

test.each([
  ["metadata.name", "web"],
  ["metadata.namespace", "default"],
  ["metadata.uid", "uid-1"],
  ["metadata.labels['app']", "web"],
  ["metadata.annotations['none']", ""],
  ["metadata.namespace", "default"],
  ["metadata.annotations['b']", "2"],
  ["metadata.labels", 'app="web"'],
  ["metadata.annotations", 'a="1"\nb="2"'],
  ["spec.serviceAccountName", "builder"],
  ["spec.nodeName", "node-1"],
  ["status.podIP", "10.1.0.5"],
  ["status.hostIP", "192.0.2.1"],
])("field %s", (path, expected) => expect(field(path)).toBe(expected));

test.each([
  ["limits.cpu", "1", "1"],
  ["limits.cpu", "1m", "500"],
  ["limits.memory", "1Mi", "1024"],
  ["requests.memory", "1Mi", "64"],
  ["requests.cpu", undefined, "0"],
  ["limits.ephemeral-storage", "1Gi", "2"],
  ["requests.ephemeral-storage", "1Gi", "1"],
  ["limits.hugepages-2Mi", "1Mi", "4"],
  ["requests.hugepages-2Mi", "1Mi", "4"],
])("resource %s in units of %s", (resource, divisor, expected) => {
  const resources = {
    limits: { cpu: "500m", "ephemeral-storage": "2Gi", "hugepages-2Mi": "4Mi" },
    requests: { memory: "64Mi", "ephemeral-storage": "1Gi", "hugepages-2Mi": "4Mi" },
  };
  const valueFrom = { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } };
  expect(valuesOf({ resources, env: [{ name: "X", valueFrom }] }).X).toBe(expected);
});

test.each([
  ["another container", "side", "250"],
  ["an init container", "setup", "100"],
  ["itself, named", "main", "500"],
])("a resource of %s", (_, containerName, expected) => {
  const limited = (name: string, cpu: string) => container(name, { resources: { limits: { cpu } } });
  const main = {
    ...limited("main", "500m"),
    env: [{ name: "X", valueFrom: { resourceFieldRef: ref(containerName) } }],
  };
  const subject = pod({ containers: [main, limited("side", "250m")], initContainers: [limited("setup", "100m")] });
  expect(containerEnv(main, { ...facts, pod: subject }, objects).values.get("X")).toBe(expected);
});

test("a resource of a container that the pod does not have fails the container", () => {
  const env = [{ name: "X", valueFrom: { resourceFieldRef: ref("nobody") } }];
  expect(() => valuesOf({ env })).toThrow("container nobody not found");
});

test.each([
  ["is not set", {}],
  ["is zero", { limits: { cpu: "0", memory: "0" } }],
])("a limit that %s is what the node can give", (_, resources) => {
  const env = [
    { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    { name: "PAGES", valueFrom: { resourceFieldRef: { resource: "limits.hugepages-2Mi" } } },
  ];
  const allocatable = { cpu: "3500m", "hugepages-2Mi": "4Mi" };
  const { values } = containerEnv(container("main", { resources, env }), { ...facts, allocatable }, objects);
  expect(Object.fromEntries(values)).toEqual({ CPU: "4", PAGES: String(4 * 1024 * 1024) });
});

test("of two variables of one name the last one holds, and refers to the one before it", () => {
  const env = [
    { name: "PATHS", value: "/a" },
    { name: "PATHS", value: "$(PATHS):/b" },
  ];
  expect(valuesOf({ env })).toEqual({ PATHS: "/a:/b" });
});

test("annotations are quoted as Go quotes", () => {
  const subject = pod();
  const metadata = { ...subject.metadata, annotations: { a: 'say "hé"\n\u0001' } };
  const env = [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.annotations" } } }];
  const { values } = containerEnv(container("main", { env }), { ...facts, pod: { ...subject, metadata } }, objects);
  expect(values.get("A")).toBe('a="say \\"hé\\"\\n\\x01"');
});

const ref = (containerName: string) => ({ containerName, resource: "limits.cpu", divisor: "1m" });

test("variables of Services come last: they can be referred to, and are there unless the container sets them", () => {
  const apiAddress = { host: "10.0.0.1", port: 6443 };
  const services = serviceEnv({ services: [], namespace: "default", enableServiceLinks: true, apiAddress });
  const dependencies = { ...objects, services };
  const env = [
    { name: "KUBERNETES_PORT", value: "own" },
    { name: "URL", value: "https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT) $(KUBERNETES_PORT)" },
  ];
  expect(Object.fromEntries(containerEnv(container("main", { env }), facts, dependencies).values)).toEqual({
    KUBERNETES_PORT: "own",
    URL: "https://10.0.0.1:6443 own",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_SERVICE_PORT: "6443",
    KUBERNETES_SERVICE_PORT_HTTPS: "6443",
    KUBERNETES_PORT_6443_TCP: "tcp://10.0.0.1:6443",
    KUBERNETES_PORT_6443_TCP_PROTO: "tcp",
    KUBERNETES_PORT_6443_TCP_PORT: "6443",
    KUBERNETES_PORT_6443_TCP_ADDR: "10.0.0.1",
  });
});
