import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startNats, type TestNatsServer } from "./nats-server.ts";

let server: TestNatsServer;

beforeAll(async () => {
  server = await startNats();
});

afterAll(() => server[Symbol.asyncDispose]());

test("it is new enough, has JetStream and takes 8 MB messages", async () => {
  const connection = await connect({ servers: server.url });
  expect(connection.info).toMatchObject({ jetstream: true, max_payload: 8 * 1024 * 1024 });
  expect(connection.info?.version.split(".").slice(0, 2).map(Number)).toSatisfy(
    ([major = 0, minor = 0]: number[]) => major > 2 || (major === 2 && minor >= 10),
  );
  await connection.close();
});

test("after a SIGKILL it comes back on the same port as another process", async () => {
  const before = server.pid;
  await server.kill("SIGKILL");
  await expect(connect({ servers: server.url, reconnect: false, timeout: 1000 })).rejects.toThrow();
  await server.restart();
  expect(server.pid).not.toBe(before);
  const connection = await connect({ servers: server.url });
  await connection.close();
});

test("a broken configuration is told with the server's own words", async () => {
  await expect(startNats({ config: "no_such_option_at_all: {" })).rejects.toThrow(
    /could not be started[\s\S]*Parse error/,
  );
});
