import type { IncomingMessage } from "node:http";
import { FakeClock } from "@podbus/clock";
import { eventually } from "@podbus/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
afterEach(() => gateway?.[Symbol.asyncDispose]());

const configMaps = "/api/v1/namespaces/default/configmaps";

/** Lets jane write, as RBAC has it. */
async function allowJane(): Promise<void> {
  const binding = {
    metadata: { name: "jane" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
    subjects: [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }],
  };
  await gateway.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding);
  const may = async () => (await gateway.get(configMaps, { as: "jane" })).code === 200;
  await eventually(may, { timeoutMs: 5_000, message: "jane may not list" });
}

/** A creation whose body is held back until `send`. */
function held(name: string) {
  const body = JSON.stringify({ metadata: { name } });
  const headers = { "content-length": String(Buffer.byteLength(body)) };
  const request = gateway.begin("POST", configMaps, { as: "jane", headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", (response) => {
      response.resume();
      resolve(response);
    });
    request.on("error", reject);
  });
  request.flushHeaders();
  return { answer, send: () => request.end(body) };
}

describe("one client that asks for more than its share", () => {
  it("waits, then is told to come again; others are served meanwhile; all that waited is done", async () => {
    // People have one of ten seats, and a flow has 50 places to wait.
    gateway = await gatewayFixture({ maxInFlight: 10 });
    await allowJane();
    const flood = Array.from({ length: 60 }, (_, index) => held(`flood-${index}`));
    const answered: IncomingMessage[] = [];
    for (const { answer } of flood) void answer.then((response) => answered.push(response));
    await eventually(() => answered.length >= 9, { timeoutMs: 10_000, message: "nobody is told to come again" });
    expect(answered.map(({ statusCode }) => statusCode)).toEqual(Array(9).fill(429));
    expect(answered[0]?.headers).toMatchObject({ "retry-after": "1" });

    for (const [as, path] of [
      ["node", "/api/v1/nodes/n1"],
      ["admin", configMaps],
    ] as const) {
      expect([200, 404]).toContain((await gateway.get(path, { as })).code);
    }

    for (const { send } of flood) send();
    const codes = (await Promise.all(flood.map(({ answer }) => answer))).map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 201)).toHaveLength(51);
    expect((await gateway.get(configMaps, { as: "jane" })).code).toBe(200);
  });

  it("may hold any number of watches: they take no seats once they have begun", async () => {
    gateway = await gatewayFixture({ maxInFlight: 10 });
    await allowJane();
    const watches = Array.from({ length: 20 }, () => gateway.open("GET", `${configMaps}?watch=true`, { as: "jane" }));
    const answers = await Promise.all(watches);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    expect((await gateway.get(configMaps, { as: "jane" })).code).toBe(200);
    for (const answer of answers) answer.destroy();
  });
});

describe("a client that is slow", () => {
  it("is told so when its body does not come within a minute, and its connection is closed", async () => {
    const clock = new FakeClock();
    gateway = await gatewayFixture({ clock });
    const request = gateway.begin("POST", configMaps, { headers: { "content-length": "1000" } });
    const answered = new Promise<IncomingMessage>((resolve) => request.on("response", resolve));
    const closed = new Promise((resolve) => request.on("close", resolve));
    request.on("error", () => {});
    request.write("{");
    let answer: IncomingMessage | undefined;
    void answered.then((response) => {
      answer = response;
    });
    while (!answer) await clock.step(10_000);
    expect(answer.statusCode).toBe(504);
    let body = "";
    for await (const chunk of answer) body += chunk;
    expect(JSON.parse(body)).toMatchObject({ kind: "Status", reason: "Timeout" });
    await clock.step(1_000);
    await closed;
  });
});
