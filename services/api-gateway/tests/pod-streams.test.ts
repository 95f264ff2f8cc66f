import { once } from "node:events";
import { request } from "node:https";
import { type Duplex, PassThrough } from "node:stream";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { FakeClock } from "@podbus/clock";
import type { ExecResponseSchema, SendExecInputRequest, SendTunnelInputRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  authorityPem,
  type GatewayFixture,
  type GatewayFixtureOptions,
  gatewayFixture,
  people,
  podManifest,
} from "./gateway-fixture.ts";

let gateway: GatewayFixture | undefined;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

type ExecMessage = MessageInitShape<typeof ExecResponseSchema>;
const started: ExecMessage = { output: { case: "started", value: {} } };
const endedWith = (exitCode: number): ExecMessage => ({ output: { case: "ended", value: { exitCode, error: "" } } });

const pods = "/api/v1/namespaces/default/pods";
const two = {
  spec: {
    containers: [
      { name: "a", image: "i" },
      { name: "b", image: "i" },
    ],
  },
};

async function withPod(
  podLifecycle: NonNullable<GatewayFixtureOptions["podLifecycle"]>,
  change: object = {},
  options: GatewayFixtureOptions = {},
) {
  gateway = await gatewayFixture({ ...options, podLifecycle });
  await gateway.post(pods, podManifest("x", change));
  await gateway.bind("x", "n1");
  return gateway;
}

describe("logs", () => {
  it("pass every flag on and come as text", async () => {
    let asked: unknown;
    const { get } = await withPod({
      async *readLogs(request) {
        asked = request;
        yield { data: Buffer.from("one\n") };
        yield { data: Buffer.from("two\n") };
      },
    });
    const query = "container=c&follow=true&previous=true&timestamps=true&tailLines=5&limitBytes=10";
    const { code, headers, text } = await get(`${pods}/x/log?${query}`);
    expect([code, headers["content-type"], text]).toEqual([200, "text/plain", "one\ntwo\n"]);
    expect(asked).toMatchObject({
      pod: { namespace: "default", name: "x", uid: expect.any(String) },
      containerName: "c",
      follow: true,
      previous: true,
      timestamps: true,
      tailLines: 5n,
      limitBytes: 10n,
    });
  });

  it("end on the node when the client leaves", async () => {
    const ended = Promise.withResolvers<void>();
    const { open } = await withPod({
      async *readLogs(_request, { signal }) {
        yield { data: Buffer.from("one\n") };
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        ended.resolve();
      },
    });
    const response = await open("GET", `${pods}/x/log?follow=true`);
    await new Promise((resolve) => response.once("data", resolve));
    response.destroy();
    await ended.promise;
  });

  it("a failure of the node is a Status", async () => {
    const { get } = await withPod({
      // biome-ignore lint/correctness/useYield: it fails before the first line
      async *readLogs() {
        const message = 'container "c" in pod "x" is waiting to start: ContainerCreating';
        throw new PodbusError({ code: "FAILED_PRECONDITION", reason: "BadRequest", message });
      },
    });
    const { code, body } = await get(`${pods}/x/log`);
    expect([code, body.reason, body.message]).toEqual([
      400,
      "BadRequest",
      'container "c" in pod "x" is waiting to start: ContainerCreating',
    ]);
  });

  it.each([
    ["", 400, "a container name must be specified for pod x, choose one of: [a b]"],
    ["container=z", 400, "container z is not valid for pod x"],
  ])("?%s is refused", async (query, code, message) => {
    const { get } = await withPod({}, two);
    const answer = await get(`${pods}/x/log?${query}`);
    expect([answer.code, answer.body.message]).toEqual([code, message]);
  });

  it("of a pod without a node are empty, of no pod not found", async () => {
    gateway = await gatewayFixture();
    await gateway.post(pods, podManifest("x"));
    expect(await gateway.get(`${pods}/x/log`)).toMatchObject({ code: 200, text: "" });
    expect((await gateway.get(`${pods}/none/log`)).code).toBe(404);
    expect((await gateway.get(`${pods}/x/log?tailLines=-1`)).code).toBe(422);
  });
});

/** A session as kubectl opens it; collects what comes per channel. */
function exec(port: number, query: string, protocols: string[]) {
  const { certificatePem: cert, keyPem: key } = people.admin;
  const socket = new WebSocket(`wss://127.0.0.1:${port}${pods}/x/exec?${query}`, protocols, {
    ca: authorityPem,
    cert,
    key,
  });
  const channels = new Map<number, string>();
  socket.on("message", (data: Buffer) => {
    const channel = data[0] ?? -1;
    channels.set(channel, (channels.get(channel) ?? "") + data.subarray(1).toString());
  });
  return {
    socket,
    opened: new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject)),
    closed: new Promise<Map<number, string>>((resolve) => socket.once("close", () => resolve(channels))),
    send: (channel: number, text: string) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)])),
  };
}

describe("exec", () => {
  it("carries output and the exit code", async () => {
    let asked: unknown;
    const { port } = await withPod({
      async *exec(request) {
        asked = request;
        yield started;
        yield { output: { case: "stdout", value: Buffer.from("out") } };
        yield { output: { case: "stderr", value: Buffer.from("err") } };
        yield endedWith(3);
      },
    });
    const session = exec(port, "command=sh&command=-c&command=exit+3&stdout=true&stderr=true", [
      "v5.channel.k8s.io",
      "v4.channel.k8s.io",
    ]);
    const channels = await session.closed;
    expect(session.socket.protocol).toBe("v5.channel.k8s.io");
    expect(asked).toMatchObject({ containerName: "c", command: ["sh", "-c", "exit 3"], stdout: true, stdin: false });
    expect([channels.get(1), channels.get(2)]).toEqual(["out", "err"]);
    expect(JSON.parse(channels.get(3) ?? "")).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
  });

  it("sends input in order, numbered, only once the node has the session", async () => {
    const opening = Promise.withResolvers<void>();
    const taken: string[] = [];
    const ended = Promise.withResolvers<void>();
    const { port } = await withPod({
      async *exec() {
        await opening.promise;
        yield started;
        await ended.promise;
        yield endedWith(0);
      },
      sendExecInput: ({ sequence, input }) => {
        const what = input.case === "stdin" ? Buffer.from(input.value).toString() : input.case;
        taken.push(`${sequence} ${what}`);
        if (input.case === "end") ended.resolve();
        return {};
      },
    });
    const session = exec(port, "command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"]);
    await session.opened;
    session.send(0, "one");
    session.send(4, '{"Width":80,"Height":24}');
    session.send(0, "two");
    session.socket.send(Buffer.from([255, 0]));
    await new Promise((resolve) => session.socket.once("pong", resolve).ping());
    expect(taken).toEqual([]);
    opening.resolve();
    const channels = await session.closed;
    expect(taken).toEqual(["1 one", "2 resize", "3 two", "4 end"]);
    expect(JSON.parse(channels.get(3) ?? "")).toEqual({ metadata: {}, status: "Success" });
  });

  /** A command that takes each piece of its input when `mayTake` lets it, and what it got; ends with its input. */
  function reader(mayTake: (sequence: bigint) => Promise<void>) {
    const pieces: Buffer[] = [];
    const ended = Promise.withResolvers<void>();
    const podLifecycle = {
      async *exec() {
        yield started;
        await ended.promise;
        yield endedWith(0);
      },
      sendExecInput: async ({ sequence, input }: SendExecInputRequest) => {
        await mayTake(sequence);
        if (input.case === "stdin") pieces.push(Buffer.from(input.value));
        if (input.case === "end") ended.resolve();
        return {};
      },
    };
    return { pieces, podLifecycle };
  }

  it("a command that lets its input wait for long gets all of it", async () => {
    const clock = new FakeClock(Date.now());
    const [reached, reading] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { pieces, podLifecycle } = reader(async () => {
      reached.resolve();
      await reading.promise;
    });
    const { port } = await withPod(podLifecycle, {}, { clock });
    const session = exec(port, "command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"]);
    await session.opened;
    for (const text of ["one ", "two ", "three"]) session.send(0, text);
    session.socket.send(Buffer.from([255, 0]));
    await reached.promise;
    for (let seconds = 0; seconds < 60; seconds += 1) await clock.step(1_000);
    reading.resolve();
    await session.closed;
    expect(Buffer.concat(pieces).toString()).toBe("one two three");
  });

  it("a message that is larger than the bus carries is taken in pieces", async () => {
    const { pieces, podLifecycle } = reader(async () => {});
    const { port } = await withPod(podLifecycle);
    const session = exec(port, "command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"]);
    await session.opened;
    const large = "0123456789".repeat(1_000_000);
    session.send(0, large);
    session.socket.send(Buffer.from([255, 0]));
    await session.closed;
    expect(Buffer.concat(pieces).toString() === large).toBe(true);
  });

  it("input that is lost ends the session, and is said so", async () => {
    const { podLifecycle } = reader(async (sequence) => {
      if (sequence === 2n) throw new PodbusError({ code: "INTERNAL", message: "the pipe is broken" });
    });
    const { port } = await withPod(podLifecycle);
    const session = exec(port, "command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"]);
    await session.opened;
    session.send(0, "one");
    session.send(4, '{"Width":80,"Height":24}');
    session.send(0, "two");
    const channels = await session.closed;
    expect(JSON.parse(channels.get(3) ?? "")).toMatchObject({
      status: "Failure",
      message: expect.stringContaining("pipe is broken"),
    });
  });

  it("ends on the node when the client leaves", async () => {
    const ended = Promise.withResolvers<void>();
    const { port } = await withPod({
      async *exec(_request, { signal }) {
        yield started;
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        ended.resolve();
      },
    });
    const session = exec(port, "command=cat&stdout=true", ["v4.channel.k8s.io"]);
    await session.opened;
    session.socket.terminate();
    await ended.promise;
  });

  it("a failure of the node comes on the error channel", async () => {
    const { port } = await withPod({
      // biome-ignore lint/correctness/useYield: it fails before anything
      async *exec() {
        throw new PodbusError({ code: "FAILED_PRECONDITION", reason: "BadRequest", message: "container not running" });
      },
    });
    const channels = await exec(port, "command=cat&stdout=true", ["v4.channel.k8s.io"]).closed;
    expect(JSON.parse(channels.get(3) ?? "")).toMatchObject({ status: "Failure", message: "container not running" });
  });

  const upgrade = (to: string, more: object = {}) => ({ connection: "Upgrade", upgrade: to, ...more });
  it.each([
    ["another upgrade", "command=ls&stdout=true", upgrade("h2c"), 400, /use WebSocket or SPDY/],
    [
      "no common subprotocol",
      "command=ls&stdout=true",
      upgrade("websocket", { "sec-websocket-protocol": "v1" }),
      400,
      /no common subprotocol with v1/,
    ],
    ["no command", "stdout=true", upgrade("websocket"), 400, /at least 1 command/],
    [
      "an unknown container",
      "command=ls&stdout=true&container=z",
      upgrade("SPDY/3.1"),
      400,
      /container z is not valid for pod x/,
    ],
  ])("refuses %s", async (_name, query, headers, code, message) => {
    const { ask } = await withPod({});
    const answer = await ask("GET", `${pods}/x/exec?${query}`, { headers });
    expect(answer.code).toBe(code);
    expect(answer.body.message).toMatch(message);
  });
});

describe("what the runtime speaks itself", () => {
  const spdy = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" };
  const opened = {
    output: {
      case: "opened" as const,
      value: { headers: Object.entries(spdy).map(([name, value]) => ({ name, value })) },
    },
  };

  /** A node whose runtime says every byte again, and what it was asked for. */
  function echo() {
    const asked: unknown[] = [];
    const written: string[] = [];
    const input = new PassThrough();
    return {
      asked,
      written,
      end: () => input.end(),
      podLifecycle: {
        async *openTunnel(request: unknown) {
          asked.push(request);
          yield opened;
          for await (const data of input) yield { output: { case: "data" as const, value: data as Buffer } };
        },
        sendTunnelInput: ({ input: piece }: SendTunnelInputRequest) => {
          if (piece.case === "data") input.write(piece.value);
          else input.end();
          if (piece.case === "data") written.push(Buffer.from(piece.value).toString());
          return {};
        },
      },
    };
  }

  function connect(
    port: number,
    path: string,
    headers: Record<string, string>,
  ): Promise<{ socket: Duplex; headers: object }> {
    const person = people.admin;
    const options = { host: "127.0.0.1", port, path, method: "GET", headers, ca: authorityPem };
    return new Promise((resolve, reject) => {
      const call = request({ ...options, cert: person?.certificatePem, key: person?.keyPem });
      call.on("upgrade", (response, socket) => resolve({ socket, headers: response.headers }));
      call.on("response", (response) => reject(new Error(`${response.statusCode}`)));
      call.on("error", reject);
      call.end();
    });
  }

  it.each([
    {
      path: "exec?command=sh&command=-c&command=ls&stdout=true&stderr=true",
      session: {
        case: "container",
        value: { containerName: "c", command: ["sh", "-c", "ls"], stdout: true, attach: false },
      },
    },
    {
      path: "attach?stdin=true&stdout=true&container=c",
      session: { case: "container", value: { containerName: "c", command: [], stdin: true, attach: true } },
    },
    { path: "portforward", session: { case: "portForward", value: { ports: [] } } },
  ])("passes as it is: $path", async ({ path, session }) => {
    const node = echo();
    const { port } = await withPod(node.podLifecycle);
    const credentials = { authorization: "Bearer secret", cookie: "a=b" };
    const { socket, headers } = await connect(port, `${pods}/x/${path}`, { ...spdy, ...credentials });
    expect(headers).toMatchObject({ upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" });
    socket.end("bytes of SPDY");
    const back: Buffer[] = [];
    for await (const data of socket) back.push(data as Buffer);
    expect(Buffer.concat(back).toString()).toBe("bytes of SPDY");
    expect(node.asked).toMatchObject([{ pod: { name: "x" }, target: { case: "upgrade", value: { session } } }]);
    // The client's credentials are the gateway's business.
    expect(JSON.stringify(node.asked, (_key, value) => (typeof value === "bigint" ? `${value}` : value))).not.toMatch(
      /secret|cookie/,
    );
  });

  it("a runtime that lets what it is sent wait for long gets all of it", async () => {
    const clock = new FakeClock(Date.now());
    const node = echo();
    const [reached, reading] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const sendTunnelInput = async (request: SendTunnelInputRequest) => {
      reached.resolve();
      await reading.promise;
      return node.podLifecycle.sendTunnelInput(request);
    };
    const { port } = await withPod({ ...node.podLifecycle, sendTunnelInput }, {}, { clock });
    const { socket } = await connect(port, `${pods}/x/portforward`, spdy);
    // More than one piece.
    const sent = "0123456789".repeat(100_000);
    socket.write(sent);
    await reached.promise;
    for (let seconds = 0; seconds < 60; seconds += 1) await clock.step(1_000);
    reading.resolve();
    let back = "";
    for await (const data of socket) {
      back += data;
      if (back.length >= sent.length) break;
    }
    expect(back === sent).toBe(true);
    node.end();
  });

  it("passes within WebSocket messages for a port-forward of today", async () => {
    const node = echo();
    const { port } = await withPod(node.podLifecycle);
    const { socket, headers } = await connect(port, `${pods}/x/portforward`, {
      ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
      ...{ "sec-websocket-key": "MDEyMzQ1Njc4OWFiY2RlZg==", "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io" },
    });
    expect(headers).toMatchObject({ "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io" });
    const text = "a SYN_STREAM";
    // RFC 6455, 5.2: a binary message from a client, masked with zeros.
    socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
    const [message] = await once(socket, "data");
    expect((message as Buffer).subarray(2).toString()).toBe(text);
    socket.destroy();
    expect(node.asked).toMatchObject([
      {
        target: {
          value: { headers: expect.arrayContaining([expect.objectContaining({ value: "portforward.k8s.io" })]) },
        },
      },
    ]);
  });

  it("a node that refuses is told before anything is upgraded", async () => {
    const { port } = await withPod({
      // biome-ignore lint/correctness/useYield: it fails before anything
      async *openTunnel() {
        throw new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message: 'container not found ("c")' });
      },
    });
    await expect(connect(port, `${pods}/x/exec?command=ls&stdout=true`, spdy)).rejects.toThrow("400");
  });
});

describe("logs over WebSocket", () => {
  it.each([
    ["binary.k8s.io", "one\n"],
    ["base64.binary.k8s.io", Buffer.from("one\n").toString("base64")],
  ])("%s", async (subprotocol, expected) => {
    const { port } = await withPod({
      async *readLogs() {
        yield { data: Buffer.from("one\n") };
      },
    });
    const person = people.admin;
    const options = { ca: authorityPem, ...(person ? { cert: person.certificatePem, key: person.keyPem } : {}) };
    const socket = new WebSocket(`wss://127.0.0.1:${port}${pods}/x/log`, [subprotocol], options);
    const [message] = await once(socket, "message");
    expect(String(message)).toBe(expected);
    await once(socket, "close");
  });
});
