import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { systemClock } from "@podbus/clock";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpRequest } from "./check-action.ts";
import { httpGet, requestPath } from "./http-get.ts";

const open: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  }
});

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const serve = (handler: RequestListener) => listen(createServer(handler));

function get(
  port: number,
  change: Partial<HttpRequest> = {},
  timeoutMs = 5_000,
  signal = new AbortController().signal,
) {
  const action: HttpRequest = {
    kind: "httpGet",
    host: "127.0.0.1",
    port,
    path: "/",
    scheme: "http",
    headers: [],
    ...change,
  };
  return httpGet(action, { purpose: "probe", clock: systemClock, timeoutMs, signal });
}

/** What the server saw of the last request. */
async function seen(headers: HttpRequest["headers"], path = "/"): Promise<IncomingMessage> {
  let last: IncomingMessage | undefined;
  const port = await serve((request, response) => {
    last = request;
    response.end();
  });
  await get(port, { headers, path });
  if (!last) throw new Error("the server saw nothing");
  return last;
}

describe("the request", () => {
  it("says who asks, accepts anything, and closes the connection", async () => {
    const { headers } = await seen([]);
    expect(headers).toMatchObject({ "user-agent": "kube-probe/1.32", accept: "*/*", connection: "close" });
    expect(headers["accept-encoding"]).toBeUndefined();
  });

  it("lets the user's headers win, whatever their case", async () => {
    const { headers } = await seen([
      { name: "user-agent", value: "mine" },
      { name: "ACCEPT", value: "text/plain" },
      { name: "Host", value: "app.example" },
      { name: "X-A", value: "1" },
      { name: "x-a", value: "2" },
    ]);
    expect(headers).toMatchObject({ "user-agent": "mine", accept: "text/plain", host: "app.example", "x-a": "1, 2" });
  });

  it("leaves out Accept and User-Agent where the user empties them", async () => {
    const { headers } = await seen([
      { name: "Accept", value: "" },
      { name: "User-Agent", value: "" },
    ]);
    expect([headers.accept, headers["user-agent"]]).toEqual([undefined, undefined]);
  });

  it.each([
    ["", "/"],
    ["healthz", "/healthz"],
    ["/a b?q=ü#top", "/a%20b?q=%C3%BC"],
    ["/a%20b", "/a%20b"],
    ["/100%", "/100%25"],
    ["//double", "//double"],
  ])("asks for path %j as %j", async (path, expected) => {
    expect(requestPath(path)).toBe(expected);
    expect((await seen([], path)).url).toBe(expected);
  });
});

describe("the answer", () => {
  it.each([200, 204, 304, 404, 500])("is a result with status %d", async (status) => {
    const port = await serve((_request, response) => void response.writeHead(status).end());
    expect((await get(port)).status).toBe(status);
  });

  it("is cut at 10 KiB, without waiting for the rest", async () => {
    const port = await serve((_request, response) => void response.write("x".repeat(20_000)));
    expect((await get(port)).body).toHaveLength(10_240);
  });
});

describe("redirects", () => {
  const redirecting = (location: string, status = 302) =>
    serve((request, response) => {
      if (request.url === "/there") response.end("arrived");
      else response.writeHead(status, { location }).end("go on");
    });

  it.each([301, 302, 303, 307, 308])("are followed within the host (%d)", async (status) => {
    expect(await get(await redirecting("/there", status))).toEqual({ status: 200, body: "arrived" });
  });

  it("are followed to another port of the host", async () => {
    const target = await redirecting("/there");
    const port = await redirecting(`http://127.0.0.1:${target}/there`);
    expect((await get(port)).body).toBe("arrived");
  });

  it.each(["http://192.0.2.1/there", "ftp://127.0.0.1/", "http://["])(
    "to %s are the answer themselves",
    async (location) => {
      expect(await get(await redirecting(location))).toEqual({ status: 302, body: "go on" });
    },
  );

  it("end after ten", async () => {
    const port = await redirecting("/loop");
    await expect(get(port)).rejects.toMatchObject({
      message: `Get "http://127.0.0.1:${port}/loop": stopped after 10 redirects`,
    });
  });
});

describe("no answer", () => {
  it("a refused connection", async () => {
    const port = await serve(() => {});
    open[0]?.close();
    await expect(get(port, { path: "/x" })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: `Get "http://127.0.0.1:${port}/x": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });

  it("a server that hangs up", async () => {
    const port = await listen(createTcpServer((socket) => socket.once("data", () => socket.end())));
    await expect(get(port)).rejects.toMatchObject({ message: `Get "http://127.0.0.1:${port}/": EOF` });
  });

  it("a server that is silent", async () => {
    const port = await serve(() => {});
    await expect(get(port, {}, 50)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
  });

  it("a server that stops in the middle of its body", async () => {
    const port = await serve((_request, response) => void response.write("half"));
    await expect(get(port, {}, 100)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
    });
  });

  it("a plain server asked with TLS", async () => {
    const port = await serve((_request, response) => void response.end());
    await expect(get(port, { scheme: "https" })).rejects.toMatchObject({
      message: `Get "https://127.0.0.1:${port}/": http: server gave HTTP response to HTTPS client`,
    });
  });

  it("a header that no server would take", async () => {
    const port = await serve((_request, response) => void response.end());
    await expect(get(port, { headers: [{ name: "bad name", value: "1" }] })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  it("a caller that gives up", async () => {
    const port = await serve(() => {});
    const caller = new AbortController();
    const answer = get(port, {}, 5_000, caller.signal);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
