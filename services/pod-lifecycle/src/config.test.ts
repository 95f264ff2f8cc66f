import { parseConfig } from "@podbus/service";
import { expect, test } from "vitest";
import { podLifecycleConfig } from "./config.ts";

const parse = (env: Record<string, string>) => parseConfig("pod-lifecycle", podLifecycleConfig, env);

test("only the node's name is needed", () => {
  expect(parse({ PODBUS_NODE_NAME: "node-1.example" })).toEqual({
    nodeName: "node-1.example",
    criEndpoint: "unix:///run/containerd/containerd.sock",
    stateDir: "/var/lib/podbus",
    runDir: "/run/podbus",
    nodeIp: undefined,
    apiAddress: undefined,
    maxPods: 110,
    cgroupRoot: "/kubepods",
  });
});

test.each([
  [{}, "PODBUS_NODE_NAME: required"],
  [{ PODBUS_NODE_NAME: "Node_1" }, "PODBUS_NODE_NAME: must be a lowercase RFC 1123 subdomain"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_NODE_IP: "here" }, "PODBUS_NODE_IP: must be an IP address"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_API_ADVERTISE_ADDRESS: "here" }, "PODBUS_API_ADVERTISE_ADDRESS: must be HOST:PORT"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_STATE_DIR: "state" }, "PODBUS_STATE_DIR: must be an absolute path"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_MAX_PODS: "0" }, "PODBUS_MAX_PODS: must be an integer from 1 to 10000"],
  [{ PODBUS_NODE_NAME: "n", PODBUS_CRI_ENDPOINT: "tcp://x" }, "PODBUS_CRI_ENDPOINT: must be a socket"],
])("%j is refused", (env, message) => {
  expect(() => parse(env as Record<string, string>)).toThrow(message);
});

test.each([
  [":6443", { host: "", port: 6443 }],
  ["[fd00::1]:443", { host: "fd00::1", port: 443 }],
  ["api.example:6443", { host: "api.example", port: 6443 }],
])("the API is at %s", (text, apiAddress) => {
  expect(parse({ PODBUS_NODE_NAME: "n", PODBUS_API_ADVERTISE_ADDRESS: text }).apiAddress).toEqual(apiAddress);
});
