import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
beforeEach(async () => {
  gateway = await gatewayFixture();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

const namespaces = "/api/v1/namespaces";
const namespace = (name: string, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
  spec,
});
const held = (name: string, finalizers: readonly string[]) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, finalizers },
});
const code = async (path: string) => (await gateway.get(path)).code;

describe("a namespace that is deleted", () => {
  it("waits for whoever else holds it; finalize lets it go", async () => {
    await gateway.post(namespaces, namespace("a", { finalizers: ["example.com/x"] }));
    await gateway.delete(`${namespaces}/a`);
    await expect
      .poll(async () => (await gateway.get(`${namespaces}/a`)).body)
      .toMatchObject({ status: { phase: "Terminating" }, spec: { finalizers: ["example.com/x"] } });
    const refused = await gateway.put(`${namespaces}/a/finalize`, namespace("a", { finalizers: ["x"] }));
    expect([refused.code, refused.body.message]).toEqual([
      422,
      'Namespace "a" is invalid: spec.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    ]);
    expect((await gateway.put(`${namespaces}/a/finalize`, namespace("a", { finalizers: [] }))).code).toBe(200);
    expect(await code(`${namespaces}/a`)).toBe(404);
  });

  it("is not gone by being changed while there is something in it", async () => {
    await gateway.post(namespaces, namespace("a"));
    await gateway.post(`${namespaces}/a/configmaps`, held("m", ["example.com/x"]));
    await gateway.delete(`${namespaces}/a`);
    const labelled = await gateway.patch(`${namespaces}/a`, "merge", { metadata: { labels: { l: "1" } } });
    expect(labelled.body).toMatchObject({ metadata: { labels: { l: "1" } }, status: { phase: "Terminating" } });
    expect(await code(`${namespaces}/a`)).toBe(200);
    await expect
      .poll(async () => (await gateway.get(`${namespaces}/a/configmaps/m`)).body.metadata)
      .toHaveProperty("deletionTimestamp");
    await gateway.patch(`${namespaces}/a/configmaps/m`, "merge", { metadata: { finalizers: null } });
    await expect.poll(() => code(`${namespaces}/a`)).toBe(404);
  });

  it("its phase is not to be lied about", async () => {
    const { body } = await gateway.patch(`${namespaces}/default/status`, "merge", { status: { phase: "Terminating" } });
    expect(body.message).toBe(
      'Namespace "default" is invalid: status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    );
  });
});

describe("what every cluster has", () => {
  const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";

  it("the classes of the system, which stay", async () => {
    const { body } = await gateway.get(classes);
    expect(body.items).toMatchObject([
      { metadata: { name: "system-cluster-critical", generation: 1 }, value: 2_000_000_000 },
      { metadata: { name: "system-node-critical", generation: 1 }, value: 2_000_001_000 },
    ]);
    const refused = await gateway.delete(`${classes}/system-node-critical`);
    expect([refused.code, refused.body.message]).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
    ]);
  });

  it("a class of the user begins with its generation, and goes", async () => {
    const made = await gateway.post(classes, { metadata: { name: "gold" }, value: 7 });
    expect([made.code, made.body.metadata.generation]).toEqual([201, 1]);
    expect((await gateway.delete(`${classes}/gold`)).code).toBe(200);
  });
});
