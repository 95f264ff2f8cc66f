import { ConfigError, parseConfig } from "@podbus/service";
import { describe, expect, it } from "vitest";
import { apiGatewayConfig } from "./config.ts";

const files = { PODBUS_API_TLS_CERT: "/c", PODBUS_API_TLS_KEY: "/k", PODBUS_API_CLIENT_CA: "/a" };
const parse = (env: Record<string, string>) => parseConfig("api-gateway", apiGatewayConfig, env);

describe("apiGatewayConfig", () => {
  it.each([
    ["nothing", {}, "0.0.0.0", 6443],
    ["an address", { PODBUS_API_ADDRESS: "127.0.0.1:7000" }, "127.0.0.1", 7000],
    ["every address", { PODBUS_API_ADDRESS: ":7000" }, "0.0.0.0", 7000],
    ["IPv6", { PODBUS_API_ADDRESS: "[::1]:7000" }, "::1", 7000],
  ])("%s is understood", (_name, env, host, port) => {
    expect(parse({ ...files, ...env })).toMatchObject({
      host,
      port,
      certificateFile: "/c",
      keyFile: "/k",
      clientAuthorityFile: "/a",
    });
  });

  it.each([
    ["a port alone", { ...files, PODBUS_API_ADDRESS: "6443" }, /PODBUS_API_ADDRESS: must be HOST:PORT/],
    ["a port that cannot be", { ...files, PODBUS_API_ADDRESS: "a:70000" }, /PODBUS_API_ADDRESS: must have a port/],
    ["no certificate", { PODBUS_API_TLS_KEY: "/k", PODBUS_API_CLIENT_CA: "/a" }, /PODBUS_API_TLS_CERT: required/],
  ])("refuses %s", (_name, env, message) => {
    expect(() => parse(env)).toThrow(ConfigError);
    expect(() => parse(env)).toThrow(message);
  });
});
