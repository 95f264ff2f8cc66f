import { eventually, freePort, startNats } from "@podbus/testkit";
import { expect, it } from "vitest";
import { spawnSample } from "./spawn-sample.ts";

const node = { PODBUS_NODE_NAME: "node-1" };

it("serves until SIGTERM, then disposes and ends with 0", async () => {
  await using nats = await startNats();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: nats.url });
  await eventually(() => expect(sample.output()).toContain("serving"), { timeoutMs: 20_000 });
  sample.child.kill("SIGTERM");
  const { code, stdout, stderr } = await sample.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("disposed the sample");
});

it("waits for a server that is not there yet, saying so once", async () => {
  const port = await freePort();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: `nats://127.0.0.1:${port}` });
  await eventually(() => expect(sample.output()).toContain("cannot be reached yet"), { timeoutMs: 20_000 });
  await using _nats = await startNats({ port });
  await eventually(() => expect(sample.output()).toContain("serving"), { timeoutMs: 20_000 });
  expect(sample.output().split("cannot be reached yet")).toHaveLength(2);
});

it("ends with 0 when it is stopped while it waits for a server", async () => {
  const port = await freePort();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: `nats://127.0.0.1:${port}` });
  await eventually(() => expect(sample.output()).toContain("cannot be reached yet"), { timeoutMs: 20_000 });
  sample.child.kill("SIGINT");
  expect((await sample.ended).code).toBe(0);
});

it("ends with 1 on an unhandled rejection, and logs it", async () => {
  await using nats = await startNats();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: nats.url, SAMPLE_FAULT: "rejection" });
  const { code, stdout } = await sample.ended;
  expect(code).toBe(1);
  expect(stdout).toContain("forgotten");
});

it("ends with 1 when the service cannot start", async () => {
  await using nats = await startNats();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: nats.url, SAMPLE_FAULT: "start" });
  const { code, stdout } = await sample.ended;
  expect(code).toBe(1);
  expect(stdout).toContain("cannot start: the disk is gone");
});

it("does not wait for ever for a part that does not end", { timeout: 40_000 }, async () => {
  await using nats = await startNats();
  using sample = spawnSample({ ...node, PODBUS_NATS_URL: nats.url, SAMPLE_FAULT: "stuck" });
  await eventually(() => expect(sample.output()).toContain("serving"), { timeoutMs: 20_000 });
  sample.child.kill("SIGTERM");
  const { code, stdout } = await sample.ended;
  expect(code).toBe(0);
  expect(stdout).toContain("ended before everything was disposed");
});
