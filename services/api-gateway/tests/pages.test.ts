import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
let gateway: GatewayFixture;

beforeEach(async () => {
  gateway = await gatewayFixture({ windowSize: 8 });
  for (const name of ["a", "b", "c"]) await gateway.post(configMaps, { metadata: { name } });
});
afterEach(() => gateway[Symbol.asyncDispose]());

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);
const page = (query: string) => gateway.get(`${configMaps}?${query}`);

describe("a list in pages", () => {
  it("shows all of one moment, whatever is written meanwhile", async () => {
    const first = (await page("limit=2")).body;
    expect(names(first)).toEqual(["a", "b"]);
    expect(first.metadata).toMatchObject({ remainingItemCount: 2, continue: expect.any(String) });
    await gateway.delete(`${configMaps}/c`);
    await gateway.post(configMaps, { metadata: { name: "bb" } });
    const second = (await page(`limit=5&continue=${first.metadata.continue}`)).body;
    expect(names(second)).toEqual(["c", "kube-root-ca.crt"]);
    expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
    const exact = await page(`resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(names(exact.body)).toEqual(["a", "b", "c", "kube-root-ca.crt"]);
  });

  it("whose moment is forgotten goes on in the present, if the client wishes", async () => {
    const first = (await page("limit=2")).body;
    for (let turn = 0; turn < 20; turn++) {
      await gateway.patch(`${configMaps}/a`, "merge", { data: { turn: `${turn}` } });
    }
    await gateway.post(configMaps, { metadata: { name: "bb" } });
    const refused = await page(`limit=2&continue=${first.metadata.continue}`);
    expect(refused).toMatchObject({
      code: 410,
      body: {
        reason: "Expired",
        message: expect.stringContaining("too old to display a consistent list result"),
        metadata: { continue: expect.any(String) },
      },
    });
    const rest = (await page(`continue=${refused.body.metadata.continue}`)).body;
    expect(names(rest)).toEqual(["bb", "c", "kube-root-ca.crt"]);
    const old = await page(`resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(old).toMatchObject({
      code: 410,
      body: { reason: "Expired", message: "The resourceVersion for the provided list is too old." },
    });
  });
});
