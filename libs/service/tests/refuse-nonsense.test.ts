import { describe, expect, it } from "vitest";
import { spawnSample } from "./spawn-sample.ts";

describe("a service refuses an environment that makes no sense, with exit code 2", () => {
  const good = { PODBUS_NODE_NAME: "node-1" };
  const table: [string, Record<string, string>, string][] = [
    ["no node name", {}, "sample: PODBUS_NODE_NAME: required\n"],
    ["an empty node name", { PODBUS_NODE_NAME: "" }, "sample: PODBUS_NODE_NAME: required\n"],
    [
      "two mistakes at once",
      { PODBUS_NODE_NAME: "Node_1", SAMPLE_PERIOD: "fast" },
      "sample: PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain, like node-1.example\n" +
        'sample: SAMPLE_PERIOD: must be a duration like "500ms", "30s", "10m" or "1h"\n',
    ],
    [
      "a server that is no URL",
      { ...good, PODBUS_NATS_URL: "localhost" },
      'sample: PODBUS_NATS_URL: must be NATS URLs separated by commas, like "nats://127.0.0.1:4222"\n',
    ],
    [
      "a log level that does not exist",
      { ...good, PODBUS_LOG_LEVEL: "loud" },
      'sample: PODBUS_LOG_LEVEL: must be "trace", "debug", "info", "warn", "error", "fatal" or "silent"\n',
    ],
    [
      "a seed file that does not exist",
      { ...good, PODBUS_NATS_SEED_FILE: "/nonexistent/seed" },
      "sample: PODBUS_NATS_SEED_FILE: cannot read /nonexistent/seed: ENOENT\n",
    ],
    [
      "a seed file that holds something else",
      { ...good, PODBUS_NATS_SEED_FILE: "/etc/passwd" },
      'sample: PODBUS_NATS_SEED_FILE: /etc/passwd holds no nkey seed of a user ("SU…")\n',
    ],
  ];
  it.concurrent.each(table)("%s", { timeout: 20_000 }, async (_sentence, env, message) => {
    using sample = spawnSample(env);
    expect(await sample.ended).toEqual({ code: 2, stdout: "", stderr: message });
  });
});
