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
    [
      "addresses that are no network",
      { ...files, PODBUS_SERVICE_CLUSTER_IP_RANGE: "10.0.0.1" },
      /CLUSTER_IP_RANGE: must be/,
    ],
    [
      "ports that are no range",
      { ...files, PODBUS_SERVICE_NODE_PORT_RANGE: "30000" },
      /NODE_PORT_RANGE: must be FIRST-LAST/,
    ],
    ["ports in the wrong order", { ...files, PODBUS_SERVICE_NODE_PORT_RANGE: "9-8" }, /NODE_PORT_RANGE: must be ports/],
    ["no certificate", { PODBUS_API_TLS_KEY: "/k", PODBUS_API_CLIENT_CA: "/a" }, /PODBUS_API_TLS_CERT: required/],
  ])("refuses %s", (_name, env, message) => {
    expect(() => parse(env)).toThrow(ConfigError);
    expect(() => parse(env)).toThrow(message);
  });
});
