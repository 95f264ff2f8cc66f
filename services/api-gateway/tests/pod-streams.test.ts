import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ExecResponseSchema } from "@podbus/contracts";
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

async function withPod(podLifecycle: NonNullable<GatewayFixtureOptions["podLifecycle"]>, change: object = {}) {
  gateway = await gatewayFixture({ podLifecycle });
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
    ["SPDY", "command=ls&stdout=true", upgrade("SPDY/3.1"), 400, /use kubectl 1\.31 or newer/],
    [
      "no common subprotocol",
      "command=ls&stdout=true",
      upgrade("websocket", { "sec-websocket-protocol": "v1" }),
      400,
      /v5\.channel/,
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
