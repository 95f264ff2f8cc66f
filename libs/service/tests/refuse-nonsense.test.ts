import { expect, it } from "vitest";
import { spawnSample } from "./spawn-sample.ts";

/** Which environments are nonsense: src/read-settings.test.ts. */
it("a service that is told nonsense says so on stderr, and ends with exit code 2", async () => {
  using sample = spawnSample({ PODBUS_NODE_NAME: "Node_1", SAMPLE_PERIOD: "fast" });
  expect(await sample.ended).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "sample: PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain, like node-1.example\n" +
      'sample: SAMPLE_PERIOD: must be a duration like "500ms", "30s", "10m" or "1h"\n',
  });
});
