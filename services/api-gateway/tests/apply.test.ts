import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const yaml = { "content-type": "application/apply-patch+yaml" };
const apply = (name: string, query: string, body: object) =>
  gateway.ask("PATCH", `${configMaps}/${name}?${query}`, {
    headers: yaml,
    body: { apiVersion: "v1", kind: "ConfigMap", ...body },
  });
const managersOf = (body: { metadata: { managedFields?: { manager: string; operation: string }[] } }) =>
  (body.metadata.managedFields ?? []).map(({ manager, operation }) => `${manager} ${operation}`);

describe("server-side apply", () => {
  it("creates, changes, prunes, and does nothing where nothing changes", async () => {
    const created = await apply("a", "fieldManager=me", { data: { one: "1", two: "2" } });
    expect([created.code, created.body.data]).toEqual([201, { one: "1", two: "2" }]);
    const changed = await apply("a", "fieldManager=me", { data: { one: "3" } });
    expect([changed.code, changed.body.data]).toEqual([200, { one: "3" }]);
    const again = await apply("a", "fieldManager=me", { data: { one: "3" } });
    expect(again.body.metadata.resourceVersion).toBe(changed.body.metadata.resourceVersion);
    expect(managersOf(again.body)).toEqual(["me Apply"]);
  });

  it("is told of conflicts, and wins by force", async () => {
    await gateway.post(`${configMaps}?fieldManager=theirs`, { metadata: { name: "b" }, data: { one: "1" } });
    const refused = await apply("b", "fieldManager=me", { data: { one: "2" } });
    expect(refused).toMatchObject({
      code: 409,
      body: {
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "theirs" using v1: .data.one',
        details: { causes: [{ reason: "FieldManagerConflict", field: ".data.one" }] },
      },
    });
    const forced = await apply("b", "fieldManager=me&force=true", { data: { one: "2" } });
    expect([forced.code, forced.body.data]).toEqual([200, { one: "2" }]);
  });

  it("a dry run stores nothing", async () => {
    expect((await apply("c", "fieldManager=me&dryRun=All", { data: {} })).code).toBe(201);
    expect((await gateway.get(`${configMaps}/c`)).code).toBe(404);
  });

  it.each([
    ["nobody", "", {}, 422, /fieldManager: Required value: is required for apply patch/],
    ["another name", "fieldManager=me", { metadata: { name: "z" } }, 400, /metadata.name must match/],
    ["managedFields", "fieldManager=me", { metadata: { managedFields: [{ manager: "x" }] } }, 400, /must be nil/],
    ["an unknown field, strictly", "fieldManager=me&fieldValidation=Strict", { dat: {} }, 400, /unknown field "dat"/],
    ["an object that is not there any more", "fieldManager=me", { metadata: { uid: "u" } }, 409, /uid mismatch/],
  ])("of %s is refused", async (_name, query, body, code, message) => {
    const answer = await apply("q", query, body);
    expect(answer.code).toBe(code);
    expect(answer.body.message).toMatch(message);
  });
});

describe("owners of fields", () => {
  it("are those who write, by their programs' names", async () => {
    const headers = { "user-agent": "kubectl/v1.32 (linux)" };
    const created = await gateway.post(configMaps, { metadata: { name: "d" }, data: { a: "1" } }, { headers });
    expect(managersOf(created.body)).toEqual(["kubectl Update"]);
    const patched = await gateway.patch(`${configMaps}/d?fieldManager=editor`, "merge", { data: { b: "2" } });
    expect(managersOf(patched.body).sort()).toEqual(["editor Update", "kubectl Update"]);
  });

  it("of the status are kept apart", async () => {
    await gateway.post("/api/v1/nodes", { metadata: { name: "n9" } });
    const headers = { "content-type": "application/merge-patch+json" };
    const answer = await gateway.ask("PATCH", "/api/v1/nodes/n9/status?fieldManager=agent", {
      headers,
      body: { status: { capacity: { cpu: "1" } } },
    });
    const entry = answer.body.metadata.managedFields.find(({ manager }: { manager: string }) => manager === "agent");
    expect(entry).toMatchObject({ subresource: "status", fieldsV1: { "f:status": { "f:capacity": { "f:cpu": {} } } } });
  });

  it("force is for applies only", async () => {
    const answer = await gateway.patch(`${configMaps}/d?force=true`, "merge", {});
    expect([answer.code, answer.body.message]).toEqual([
      422,
      expect.stringContaining("may not be specified for non-apply patch"),
    ]);
  });
});
