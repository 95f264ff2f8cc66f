import { describe, expect, it } from "vitest";
import { traceExplorerConfig } from "./config.ts";

describe("traceExplorerConfig", () => {
  it("has defaults", () => {
    expect(traceExplorerConfig.parse({})).toEqual({
      otlpAddress: { host: "127.0.0.1", port: 4318 },
      maxTraces: 1000,
      directory: "/var/lib/podbus/traces",
    });
  });

  it.each([
    { text: "0.0.0.0:1234", address: { host: "0.0.0.0", port: 1234 } },
    { text: "[::1]:4318", address: { host: "::1", port: 4318 } },
    { text: "none", address: undefined },
  ])("reads the address $text", ({ text, address }) => {
    expect(traceExplorerConfig.parse({ PODBUS_OTLP_ADDRESS: text }).otlpAddress).toEqual(address);
  });

  it.each([
    { PODBUS_OTLP_ADDRESS: "4318" },
    { PODBUS_OTLP_ADDRESS: "localhost:99999" },
    { PODBUS_TRACES_MAX: "0" },
    { PODBUS_TRACES_MAX: "many" },
    { PODBUS_STATE_DIR: "" },
  ])("refuses %j", (env) => {
    expect(traceExplorerConfig.safeParse(env).success).toBe(false);
  });
});
