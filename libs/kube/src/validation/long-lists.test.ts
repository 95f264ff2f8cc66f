import { expect, it } from "vitest";
import { decodeObject } from "../decode/decode-object.ts";
import { rowNamed } from "../schema/arbitrary-fixture.ts";
import { statusInvalid } from "../status/builders.ts";

/** One body may hold so many; work that grows with the square of it would stop everybody else for seconds. */
const count = 50_000;
const many = (item: (at: number) => object) => Array.from({ length: count }, (_, at) => item(at));
const image = "i";

it.each<[string, string, object]>([
  ["ports of a service", "services.", { spec: { ports: many((at) => ({ port: at + 1, name: `p${at}` })) } }],
  ["limits", "limitranges.", { spec: { limits: many((at) => ({ type: `t${at}` })) } }],
  ["addresses of a node", "nodes.", { status: { addresses: many((at) => ({ type: "Hostname", address: `a${at}` })) } }],
  ["containers", "pods.", { spec: { containers: many((at) => ({ name: `c${at}`, image })) } }],
  ["variables", "pods.", { spec: { containers: [{ name: "c", image, env: many((at) => ({ name: `v${at}` })) }] } }],
  [
    "volumes",
    "pods.",
    { spec: { volumes: many((at) => ({ name: `v${at}`, emptyDir: {} })), containers: [{ name: "c", image }] } },
  ],
  ["owners", "pods.", { metadata: { ownerReferences: many(() => ({})) }, spec: { containers: [] } }],
])("many %s are judged in little time, and what is said of them is bounded", (_sentence, kind, given) => {
  const started = performance.now();
  const row = rowNamed(kind);
  const { object } = decodeObject(row, given, "Ignore");
  const complete = row.defaults({ ...object, metadata: { ...object.metadata, name: "x", resourceVersion: "1" } });
  const errors = [...row.validate(complete), ...row.validateUpdate(complete, { ...complete })];
  expect(JSON.stringify(statusInvalid(row, "x", errors).status).length).toBeLessThan(2 ** 20);
  expect(performance.now() - started).toBeLessThan(10_000);
});
