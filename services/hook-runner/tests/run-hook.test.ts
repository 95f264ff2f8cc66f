import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { Worker } from "node:worker_threads";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { HookKind, HookRunner } from "@podbus/contracts";
import { createLogger } from "@podbus/telemetry";
import { FakeCri, issueLocalCertificate, memoryMeter, memoryTracer, runningContainer } from "@podbus/testkit";
import { startHookRunner } from "hook-runner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const node = "node-1";
const clock = systemClock;
const opened = new AsyncDisposableStack();
const cri = new FakeCri({ clock });
const memory = opened.use(memoryMeter("hook-runner"));
let client: Client<typeof HookRunner>;
let id: string;

beforeAll(async () => {
  const tracer = opened.use(memoryTracer()).tracer("hook-runner");
  const hub = createMemoryBus({ clock });
  const bus = opened.use(hub.bus("hook-runner", { tracer }));
  const log = createLogger({ service: "hook-runner", level: "silent" });
  const config = { nodeName: node, criEndpoint: "unix:///nowhere", metadata: "refused" as const };
  opened.use(await startHookRunner({ bus, clock, log, tracer, meter: memory.meter }, config, { cri }));
  client = opened.use(hub.bus("pod-lifecycle")).client(HookRunner, { node });
  id = await runningContainer(cri);
});
afterAll(() => opened.disposeAsync());

const container = () => ({ id, name: "main", pod: { namespace: "shop", name: "web", uid: "u-1" } });

function exec(...command: string[]) {
  const action = { kind: { case: "exec", value: { command } } } as const;
  return { container: container(), kind: HookKind.POST_START, action };
}

function httpGet(port: number, scheme = "HTTP", headers: { name: string; value: string }[] = []) {
  const action = {
    kind: { case: "httpGet", value: { host: "127.0.0.1", port, path: "/warm", scheme, headers } },
  } as const;
  return { container: container(), kind: HookKind.PRE_STOP, action };
}

function tcpSocket(port: number, host = "127.0.0.1") {
  const action = { kind: { case: "tcpSocket", value: { host, port } } } as const;
  return { container: container(), kind: HookKind.POST_START, action };
}

async function serving<T>(handler: RequestListener, work: (port: number) => Promise<T>): Promise<T> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A server whose queue of connections is full: the kernel answers no further one. */
async function startFullServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const listenAndNeverAccept = `
    const { parentPort } = require("node:worker_threads");
    require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
      parentPort.postMessage(this.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(listenAndNeverAccept, { eval: true });
  const [port] = await once(worker, "message");
  const waiting = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, "connect")));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}

describe("exec hooks", () => {
  it("run in the container, every time they are asked for", async () => {
    cri.onExec = (containerId, command) => ({ stdout: `${containerId === id} ${command.join(",")}` });
    const calls = cri.callsOf("execSync").length;
    for (let time = 0; time < 2; time++) {
      expect(await client.runHook(exec("warm", "up"))).toMatchObject({
        succeeded: true,
        message: "",
        output: "true warm,up",
      });
    }
    expect(cri.callsOf("execSync")).toHaveLength(calls + 2);
  });

  it("that fail are an answer", async () => {
    cri.onExec = () => ({ exitCode: 3, stderr: "cold" });
    const answer = await client.runHook(exec("warm"));
    expect(answer).toMatchObject({ succeeded: false, exitCode: 3, output: "cold" });
    expect(answer.message).toBe(
      'Exec lifecycle hook ([warm]) for Container "main" in Pod "web_shop(u-1)" failed - ' +
        "error: command 'warm' exited with 3: cold, message: \"cold\"",
    );
  });

  it("whose background child holds the output end with the call's time, as an answer", async () => {
    cri.onExec = () => new Promise(() => {});
    const answer = await client.runHook(exec("daemon"), { timeoutMs: 500 });
    expect(answer.succeeded).toBe(false);
    expect(answer.message).toContain('error: command "daemon" timed out');
  });

  it("that cannot be started are an answer", async () => {
    cri.fail("execSync", { code: "UNKNOWN", message: "executable file not found in $PATH" });
    expect((await client.runHook(exec("warm"))).message).toContain("executable file not found in $PATH");
  });

  it("are abandoned when the caller gives up", async () => {
    cri.onExec = () => new Promise(() => {});
    const caller = new AbortController();
    const answer = client.runHook(exec("warm"), { signal: caller.signal });
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("fail as a call where there is no runtime: they have not run", async () => {
    cri.fail("execSync", { code: "UNAVAILABLE", message: "container runtime is away" });
    await expect(client.runHook(exec("warm"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("httpGet hooks", () => {
  it("are asked from the node, as the kubelet does", async () => {
    let seen: unknown;
    const answer = await serving(
      (request, response) => {
        seen = [request.url, request.headers["user-agent"], request.headers["x-why"]];
        response.end();
      },
      (port) => client.runHook(httpGet(port, "HTTP", [{ name: "X-Why", value: "hook" }])),
    );
    expect(answer.succeeded).toBe(true);
    expect(seen).toEqual(["/warm", "kube-lifecycle/1.32", "hook"]);
  });

  it("that are refused by status are a failure", async () => {
    const answer = await serving(
      (_request, response) => void response.writeHead(503).end("secret"),
      (port) => client.runHook(httpGet(port)),
    );
    expect(answer.message).toBe(
      'HTTP lifecycle hook (/warm) for Container "main" in Pod "web_shop(u-1)" failed - ' +
        "error: HTTP hook failed with statuscode: 503",
    );
  });

  it("are not asked again, whatever the server does", async () => {
    let asked = 0;
    const answer = await serving(
      (request) => {
        asked++;
        request.socket.destroy();
      },
      (port) => client.runHook(httpGet(port)),
    );
    expect([answer.succeeded, asked]).toEqual([false, 1]);
  });

  it("end with the call's time, as an answer", async () => {
    const answer = await serving(
      () => {},
      (port) => client.runHook(httpGet(port), { timeoutMs: 300 }),
    );
    expect(answer.message).toContain("context deadline exceeded");
  });

  it("for HTTPS verify no certificate", async () => {
    const { certificatePem: cert, keyPem: key } = await issueLocalCertificate();
    const server = createTlsServer({ cert, key }, (_request, response) => void response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const answer = await client.runHook(httpGet((server.address() as AddressInfo).port, "HTTPS"));
    server.close();
    expect(answer).toMatchObject({ succeeded: true, message: "" });
  });

  it("for HTTPS are tried in plain HTTP where the server speaks no TLS, without credentials", async () => {
    let authorization: string | undefined = "not asked";
    const answer = await serving(
      (request, response) => {
        authorization = request.headers.authorization;
        response.end();
      },
      (port) => client.runHook(httpGet(port, "HTTPS", [{ name: "Authorization", value: "Bearer x" }])),
    );
    expect([answer.succeeded, authorization]).toEqual([true, undefined]);
  });

  it("without a server are a failure", async () => {
    const port = await serving(
      () => {},
      async (free) => free,
    );
    expect((await client.runHook(httpGet(port))).message).toContain("connect: connection refused");
  });
});

describe("tcpSocket hooks", () => {
  it("open a connection from the node, once, and close it", async () => {
    const ended = Promise.withResolvers<void>();
    let opened = 0;
    const server = createTcpServer((socket) => {
      opened++;
      socket.on("close", () => ended.resolve()).resume();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const answer = await client.runHook(tcpSocket((server.address() as AddressInfo).port));
    await ended.promise;
    server.close();
    expect(answer).toMatchObject({ succeeded: true, message: "", output: "", exitCode: 0 });
    expect(opened).toBe(1);
  });

  it("without a server are a failure", async () => {
    const port = await serving(
      () => {},
      async (free) => free,
    );
    expect((await client.runHook(tcpSocket(port))).message).toBe(
      `TCP lifecycle hook (127.0.0.1:${port}) for Container "main" in Pod "web_shop(u-1)" failed - ` +
        `error: dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });

  it("do not reach the addresses where clouds give out credentials", async () => {
    expect((await client.runHook(tcpSocket(80, "169.254.169.254"))).message).toContain(
      "169.254.169.254 is a link-local or metadata address, which hooks and probes may not reach",
    );
  });

  it("end with the call's time, as an answer, or with their caller", async () => {
    await using full = await startFullServer();
    const answer = await client.runHook(tcpSocket(full.port), { timeoutMs: 300 });
    expect(answer.message).toContain(`error: dial tcp 127.0.0.1:${full.port}: i/o timeout`);
    const caller = new AbortController();
    const given = client.runHook(tcpSocket(full.port), { signal: caller.signal });
    caller.abort();
    await expect(given).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

it("every hook is counted with its handler and result", async () => {
  cri.onExec = () => ({ exitCode: 1 });
  const owner = { namespace: "shop", name: "counted", uid: "u-2" };
  const counted = { container: { ...container(), pod: owner } };
  await client.runHook({ ...exec("warm"), ...counted });
  await serving(
    (_request, response) => void response.end(),
    async (port) => {
      await client.runHook({ ...httpGet(port), ...counted });
      await client.runHook({ ...tcpSocket(port), ...counted });
    },
  );
  const points = await memory.points("podbus_hook_duration_seconds");
  expect(
    points
      .filter(({ attributes }) => attributes.pod === "counted")
      .map(({ attributes: { hook, handler, result } }) => `${hook} ${handler} ${result}`)
      .sort(),
  ).toEqual(["postStart exec failed", "postStart tcpSocket successful", "preStop httpGet successful"]);
});

describe("other requests", () => {
  it("gRPC is for probes", async () => {
    const action = { kind: { case: "grpc", value: { host: "127.0.0.1", port: 80 } } } as const;
    const answer = await client.runHook({ container: container(), kind: HookKind.POST_START, action });
    expect(answer).toMatchObject({
      succeeded: false,
      message: "Cannot run handler: grpc is not supported for lifecycle hooks",
    });
  });

  const good = () => exec("true");
  it.each([
    ["no action", () => ({ ...good(), action: {} }), "action: required"],
    ["no command", () => exec(), "action.exec.command: required"],
    ["no container", () => ({ action: good().action, kind: HookKind.PRE_STOP }), "container.id: required"],
    [
      "no pod",
      () => ({ ...good(), container: { id: "c", name: "main" } }),
      "container.pod: namespace, name and uid are required",
    ],
    ["no kind", () => ({ ...good(), kind: HookKind.UNSPECIFIED }), "kind: required"],
    ["port 0", () => httpGet(0), "action.http_get.port: 0 is not between 1 and 65535"],
    ["an unknown scheme", () => httpGet(80, "GOPHER"), 'action.http_get.scheme: "GOPHER" is neither HTTP nor HTTPS'],
  ])("%s is refused", async (_sentence, request, message) => {
    await expect(client.runHook(request())).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});
