import { describe, expect, it } from "vitest";
import { requestHeaders, responseHeaders } from "./proxy-headers.ts";
import { defaultPodPort, parseProxyName, podsBehind, portNumber } from "./proxy-target.ts";

describe("what a proxied name means", () => {
  it.each([
    ["web", { scheme: "http", name: "web", port: "" }],
    ["web:8080", { scheme: "http", name: "web", port: "8080" }],
    ["https:web:", { scheme: "https", name: "web", port: "" }],
    [":web:http", { scheme: "http", name: "web", port: "http" }],
    ["https:web:8443", { scheme: "https", name: "web", port: "8443" }],
    ["ftp:web:21", undefined],
    ["a:b:c:d", undefined],
    [":80", undefined],
  ])("%s", (text, expected) => {
    expect(parseProxyName(text)).toEqual(expected);
  });

  it.each([
    ["80", 80],
    ["0", undefined],
    ["65536", undefined],
    ["http", undefined],
  ])("port %s", (text, expected) => {
    expect(portNumber(text)).toBe(expected);
  });
});

const meta = { apiVersion: "v1", metadata: { name: "web", namespace: "default" } };
const podWith = (ports: { containerPort: number }[]) => ({
  ...meta,
  kind: "Pod",
  spec: { containers: [{ name: "a" }, { name: "b", ports }] },
});

describe("where it leads", () => {
  it("to a pod's first port, else the scheme's", () => {
    expect(defaultPodPort(podWith([{ containerPort: 8080 }]), "http")).toBe(8080);
    expect([defaultPodPort(podWith([]), "http"), defaultPodPort(podWith([]), "https")]).toEqual([80, 443]);
  });

  const service = {
    ...meta,
    kind: "Service",
    spec: {
      ports: [
        { name: "http", port: 80 },
        { name: "admin", port: 81 },
      ],
    },
  };
  const address = (name: string) => ({ ip: "10.0.0.1", targetRef: { kind: "Pod", name } });
  const endpoints = {
    ...meta,
    kind: "Endpoints",
    subsets: [
      {
        addresses: [address("a"), address("b"), { ip: "192.0.2.1" }],
        notReadyAddresses: [address("c")],
        ports: [
          { name: "http", port: 8080 },
          { name: "admin", port: 8081 },
        ],
      },
    ],
  };
  const ready = (port: number) => [
    { name: "a", port },
    { name: "b", port },
  ];
  it.each([
    ["any port", "", ready(8080)],
    ["a port by name", "admin", ready(8081)],
    ["a port by number", "80", ready(8080)],
    ["a port that there is not", "metrics", []],
  ])("to the ready pods behind a service: %s", (_name, port, expected) => {
    expect(podsBehind(service as never, endpoints as never, port)).toEqual(expected);
  });
});

describe("headers", () => {
  const forwarding = { host: "api:6443", prefix: "/api/v1/nodes/n/proxy", path: "/x?y=z" };

  it("of a request: neither credentials nor what concerns the connection", () => {
    const given = {
      authorization: "Bearer secret",
      "impersonate-user": "root",
      connection: "keep-alive",
      "transfer-encoding": "chunked",
      accept: "text/html",
      cookie: "a=b",
    };
    expect(requestHeaders(given, forwarding)).toEqual({
      accept: "text/html",
      cookie: "a=b",
      "x-forwarded-host": "api:6443",
      "x-forwarded-proto": "https",
      "x-forwarded-uri": "/api/v1/nodes/n/proxy/x?y=z",
    });
  });

  it("of an upgrade: both that ask for it", () => {
    const headers = requestHeaders({ connection: "upgrade", upgrade: "websocket" }, forwarding);
    expect(headers).toMatchObject({ connection: "Upgrade", upgrade: "websocket" });
  });

  it("of a WebSocket: no token among its subprotocols", () => {
    const protocols = "base64url.bearer.authorization.k8s.io.YWJj, chat,binary";
    const given = { connection: "upgrade", upgrade: "websocket", "sec-websocket-protocol": protocols };
    expect(requestHeaders(given, forwarding)).toMatchObject({ "sec-websocket-protocol": "chat, binary" });
  });

  it.each([
    ["within", "/login", "/p/login"],
    ["elsewhere", "https://example.com/", "https://example.com/"],
  ])("of an answer: a redirect %s", (_name, location, expected) => {
    expect(responseHeaders({ location, connection: "close" }, "/p")).toEqual({ location: expected });
  });
});
