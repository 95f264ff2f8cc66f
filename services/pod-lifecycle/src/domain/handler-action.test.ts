import type { LifecycleHandler, Probe } from "@podbus/kube";
import { expect, it } from "vitest";
import { container } from "../../tests/fixtures.ts";
import { handlerAction, unknownPort } from "./handler-action.ts";

const main = container("main", { ports: [{ name: "web", containerPort: 8080 }] });
const http = (change: object) => ({
  case: "httpGet",
  value: { host: "10.0.0.7", port: 80, path: "/", scheme: "HTTP", headers: [], ...change },
});
const tcp = (change: object) => ({ case: "tcpSocket", value: { host: "10.0.0.7", port: 80, ...change } });

type Handler = LifecycleHandler & Pick<Probe, "grpc">;

it.each<[string, Handler, object]>([
  ["a command", { exec: { command: ["a", "b"] } }, { case: "exec", value: { command: ["a", "b"] } }],
  ["a request, by default to the pod", { httpGet: { port: 80 } }, http({})],
  ["a request to a named port", { httpGet: { port: "web" } }, http({ port: 8080 })],
  ["a request to a number in quotes", { httpGet: { port: "81" } }, http({ port: 81 })],
  [
    "a request with everything",
    { httpGet: { port: 443, host: "h", path: "/x", scheme: "HTTPS", httpHeaders: [{ name: "A", value: "b" }] } },
    http({ host: "h", port: 443, path: "/x", scheme: "HTTPS", headers: [{ name: "A", value: "b" }] }),
  ],
  ["a connection, by default to the pod", { tcpSocket: { port: 80 } }, tcp({})],
  [
    "a connection to another host's named port",
    { tcpSocket: { port: "web", host: "h" } },
    tcp({ host: "h", port: 8080 }),
  ],
  [
    "a health check",
    { grpc: { port: 50_051, service: "shop" } },
    { case: "grpc", value: { host: "10.0.0.7", port: 50_051, service: "shop" } },
  ],
])("%s", (_sentence, handler, kind) => {
  expect(handlerAction(handler, main, "10.0.0.7")).toEqual({ kind });
  expect(unknownPort(handler, main)).toBeUndefined();
});

it.each<[string, Handler]>([
  ["a request", { httpGet: { port: "metrics" } }],
  ["a connection", { tcpSocket: { port: "metrics" } }],
])("%s to a port that the container does not name", (_sentence, handler) => {
  expect(unknownPort(handler, main)).toBe("metrics");
});
