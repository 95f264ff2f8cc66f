import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, durationMs } from "./environment.ts";
import { readSettings } from "./read-settings.ts";
import type { NodeServiceDefinition } from "./service-definition.ts";

const sample: NodeServiceDefinition<unknown> = {
  name: "sample",
  scope: "node",
  configSchema: z.object({ SAMPLE_PERIOD: durationMs.default(1_000) }),
  start: async () => ({ [Symbol.asyncDispose]: async () => {} }),
};
const good = { PODBUS_NODE_NAME: "node-1" };

it("a node service needs its node's name, no more", () => {
  expect(readSettings(sample, good)).toMatchObject({
    node: "node-1",
    natsServers: ["nats://127.0.0.1:4222"],
    nkeySeed: undefined,
    logLevel: "info",
  });
});

describe("an environment that makes no sense is refused", () => {
  const table: [string, Record<string, string>, string][] = [
    ["no node name", {}, "sample: PODBUS_NODE_NAME: required"],
    ["an empty node name", { PODBUS_NODE_NAME: "" }, "sample: PODBUS_NODE_NAME: required"],
    [
      "two mistakes at once",
      { PODBUS_NODE_NAME: "Node_1", SAMPLE_PERIOD: "fast" },
      "sample: PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain, like node-1.example\n" +
        'sample: SAMPLE_PERIOD: must be a duration like "500ms", "30s", "10m" or "1h"',
    ],
    [
      "a server that is no URL",
      { ...good, PODBUS_NATS_URL: "localhost" },
      'sample: PODBUS_NATS_URL: must be NATS URLs separated by commas, like "nats://127.0.0.1:4222"',
    ],
    [
      "a log level that does not exist",
      { ...good, PODBUS_LOG_LEVEL: "loud" },
      'sample: PODBUS_LOG_LEVEL: must be "trace", "debug", "info", "warn", "error", "fatal" or "silent"',
    ],
    [
      "a seed file that does not exist",
      { ...good, PODBUS_NATS_SEED_FILE: "/nonexistent/seed" },
      "sample: PODBUS_NATS_SEED_FILE: cannot read /nonexistent/seed: ENOENT",
    ],
    [
      "a seed file that holds something else",
      { ...good, PODBUS_NATS_SEED_FILE: "/etc/passwd" },
      'sample: PODBUS_NATS_SEED_FILE: /etc/passwd holds no nkey seed of a user ("SU…")',
    ],
  ];
  it.each(table)("%s", (_sentence, env, message) => {
    expect(() => readSettings(sample, env)).toThrow(new ConfigError(message));
  });
});
