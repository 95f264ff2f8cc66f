import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { PodLifecycle } from "@podbus/contracts";
import type { ExecRequest } from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { eventually, FakeCri } from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { podLifecycleConfig, startPodLifecycle } from "pod-lifecycle";
import { expect } from "vitest";
import { type Bench, defineSuite } from "../harness/contract-suite.ts";
import { type FakeExecServer, startExecServer } from "../harness/fake-exec-server.ts";
import { node, pod, podKey, startGateway } from "../harness/gateway-world.ts";

interface World {
  readonly cri: FakeCri;
  readonly terminal: FakeExecServer;
  readonly client: Client<typeof PodLifecycle>;
  /** Opens a session and leaves it open until the example is over. */
  openSession(sessionId: string): Promise<unknown>;
  /** The same for a tunnel, "t1". */
  openTunnel(): Promise<void>;
}

const lines = [
  "2026-01-01T00:00:01.000000000Z stdout F one",
  "2026-01-01T00:00:02.000000000Z stderr F two",
  "2026-01-01T00:00:03.000000000Z stdout F three",
];

/** A running pod on a real node agent, between a real api-gateway, a real image-puller and a runtime in memory. */
async function start(bench: Bench): Promise<World> {
  const { bus, log, tracer, cleanup } = bench;
  const gateway = await startGateway(bench);
  const cri = cleanup.use(new FakeCri({ clock: systemClock }));
  cri.addRemoteImage("nginx:1.25");
  const runtime = async (name: string) => ({ bus: await bus(name), clock: systemClock, log, tracer });
  const puller = imagePullerConfig.parse({ PODBUS_NODE_NAME: node });
  cleanup.use(await startImagePuller(await runtime("image-puller"), puller, { cri }));

  const directory = await mkdtemp(join(tmpdir(), "podbus-contract-"));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  const config = podLifecycleConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_NODE_IP: "192.0.2.1",
    PODBUS_STATE_DIR: join(directory, "state"),
    PODBUS_RUN_DIR: join(directory, "run"),
  });
  const cgroups = {
    unified: false,
    enforce: async () => {},
    weigh: async () => {},
    ensure: async () => "/kubepods/besteffort/pod",
    remove: async () => {},
  };
  cleanup.use(await startPodLifecycle(await runtime("pod-lifecycle"), config, { cri, cgroups }));

  await gateway.putPod({ spec: { volumes: [] } });
  await eventually(() => isRunning(gateway.store.cache.get<Pod>(podKey)?.value), { message: "the pod runs" });
  const logFile = join(directory, `state/logs/pods/${pod.namespace}_${pod.name}_${pod.uid}/main/0.log`);
  await mkdir(dirname(logFile), { recursive: true });
  await writeFile(logFile, `${lines.join("\n")}\n`);

  const terminal = cleanup.use(await startExecServer(() => commandOf(cri)));
  cri.streamingUrl = terminal.url;
  const client = (await bus("api-gateway")).client(PodLifecycle, { node });
  return {
    ...{ cri, terminal, client },
    openSession: (sessionId) => {
      const session = client.exec({ ...command("cat"), stdin: true, sessionId });
      return leaveOpen(session, "started", cleanup);
    },
    openTunnel: async () => {
      const opened = await leaveOpen(client.openTunnel(upgradeTo("cat")), "opened", cleanup);
      expect(opened).toMatchObject({ output: { value: { headers: switched } } });
    },
  };
}

const isRunning = (stored: Pod | undefined) => stored?.status?.containerStatuses?.[0]?.state?.running !== undefined;

const commandOf = (cri: FakeCri) => (cri.callsOf("exec").at(-1) as ExecRequest | undefined)?.cmd[0] ?? "";

async function leaveOpen(
  responses: AsyncIterable<{ readonly output: { readonly case: string | undefined } }>,
  first: string,
  cleanup: AsyncDisposableStack,
): Promise<unknown> {
  const session = responses[Symbol.asyncIterator]();
  cleanup.defer(async () => {
    await session.return?.();
  });
  const { value } = await session.next();
  expect(value?.output.case).toBe(first);
  return value;
}

async function sessionIsGone(client: World["client"]): Promise<boolean> {
  try {
    await client.sendExecInput({ sessionId: "s1", sequence: 0n });
    return false;
  } catch (error) {
    return error instanceof PodbusError && error.code === "NOT_FOUND";
  }
}

const command = (name: string) => ({
  pod,
  containerName: "main",
  command: [name],
  stdout: true,
  stderr: true,
  sessionId: "s1",
});

const log = { pod, containerName: "main" };
const text = (...parts: string[]) => ({ replies: [{ data: parts.map((part) => `${part}\n`).join("") }] });
const podNotFound = { error: { code: "NOT_FOUND", reason: "NotFound", message: 'pod "web" not found' } } as const;
const another = { ...pod, uid: "another" };
const badRequest = (message: string) =>
  ({ error: { code: "INVALID_ARGUMENT", reason: "BadRequest", message } }) as const;
const stdin = (data: string) => ({ case: "stdin" as const, value: new TextEncoder().encode(data) });

const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "MDEyMzQ1Njc4OWFiY2RlZg==",
  "sec-websocket-protocol": "v4.channel.k8s.io",
};

const upgradeTo = (command: string, change: { containerName?: string } = {}) => ({
  pod,
  sessionId: "t1",
  target: {
    case: "upgrade" as const,
    value: {
      headers: Object.entries(handshake).map(([name, value]) => ({ name, value })),
      session: {
        case: "container" as const,
        value: { containerName: "main", command: [command], stdin: true, ...change },
      },
    },
  },
});

const switched = expect.arrayContaining([
  expect.objectContaining({ name: "Upgrade", value: "websocket" }),
  expect.objectContaining({ name: "Sec-WebSocket-Protocol", value: "v4.channel.k8s.io" }),
]);

/** RFC 6455, 5.2: a binary message from a client, masked with zeros. */
function webSocketMessage(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0x82, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

export const podLifecycleSuite = defineSuite({
  service: PodLifecycle,
  target: { node },
  start,
  examples: {
    readLogs: [
      { that: "a container's log, oldest line first", request: log, answer: text("one", "two", "three") },
      { that: "the last lines", request: { ...log, tailLines: 2n }, answer: text("two", "three") },
      {
        that: "with the time of each line",
        request: { ...log, tailLines: 1n, timestamps: true },
        answer: text("2026-01-01T00:00:03.000000000Z three"),
      },
      {
        that: "lines from a time on",
        request: { ...log, sinceNs: BigInt(Date.UTC(2026, 0, 1, 0, 0, 2)) * 1_000_000n },
        answer: text("two", "three"),
      },
      {
        that: "no more bytes than wanted",
        request: { ...log, limitBytes: 5n },
        answer: { replies: [{ data: "one\nt" }] },
      },
      {
        that: "following a container that runs stays open",
        request: { ...log, follow: true },
        answer: { ...text("one", "two", "three"), stillOpen: true },
      },
      {
        that: "following a container that has ended ends",
        given: async ({ cri, client }) => {
          cri.exitContainer(cri.containers[0]?.id ?? "", 0);
          // The agent has heard of it once the run before the next one can be read.
          await eventually(async () => {
            for await (const _ of client.readLogs({ ...log, previous: true })) return true;
            return true;
          });
        },
        request: { ...log, previous: true, follow: true },
        answer: text("one", "two", "three"),
      },
      {
        that: "the run before the first one",
        request: { ...log, previous: true },
        answer: badRequest('previous terminated container "main" in pod "web" not found'),
      },
      {
        that: "a container that the pod does not have",
        request: { ...log, containerName: "sidecar" },
        answer: badRequest("container sidecar is not valid for pod web"),
      },
      { that: "another incarnation of the pod", request: { ...log, pod: another }, answer: podNotFound },
      {
        that: "no pod",
        request: { containerName: "main" },
        answer: { error: { code: "NOT_FOUND", reason: "NotFound" } },
      },
    ],
    exec: [
      {
        that: "a command's output and its end",
        request: command("hello"),
        answer: { replies: [{ started: {} }, { stdout: "hello\n" }, { ended: {} }] },
      },
      {
        that: "a command that fails",
        request: command("fail"),
        answer: { replies: [{ started: {} }, { stderr: "no such file\n" }, { ended: { exitCode: 3 } }] },
      },
      {
        that: "a session that its caller left is over, and its command too",
        given: async ({ client, terminal }) => {
          for await (const _ of client.exec(command("cat"))) break;
          await eventually(() => sessionIsGone(client), { message: "the session ends" });
          await eventually(() => terminal.sessions === 0, { message: "the command is left" });
        },
        request: command("hello"),
        answer: { replies: [{ started: {} }, { stdout: "hello\n" }, { ended: {} }] },
      },
      {
        that: "a session that is open already",
        given: ({ openSession: open }) => open("s1"),
        request: command("hello"),
        answer: { error: { code: "ALREADY_EXISTS" } },
        effect: ({ cri }) => expect(cri.callsOf("exec")).toHaveLength(1),
      },
      {
        that: "a container that the pod does not have",
        request: { ...command("hello"), containerName: "sidecar" },
        answer: badRequest("container sidecar is not valid for pod web"),
      },
      { that: "another incarnation of the pod", request: { ...command("hello"), pod: another }, answer: podNotFound },
      {
        that: "a runtime whose streaming server is away",
        given: ({ terminal }) => terminal[Symbol.asyncDispose](),
        request: command("hello"),
        answer: { error: { code: "UNAVAILABLE", retryable: true } },
      },
    ],
    openTunnel: [
      {
        that: "an upgrade of the client's to the runtime's streaming server, once for a session",
        // Looks at the runtime's answer.
        given: ({ openTunnel: open }) => open(),
        request: upgradeTo("cat"),
        answer: { error: { code: "ALREADY_EXISTS" } },
        effect: ({ terminal }) => expect(terminal.sessions).toBe(1),
      },
      {
        that: "a container that the pod does not have",
        request: upgradeTo("cat", { containerName: "sidecar" }),
        answer: badRequest("container sidecar is not valid for pod web"),
      },
      {
        that: "another incarnation of the pod",
        request: { pod: another, sessionId: "t1", target: { case: "port", value: 80 } },
        answer: podNotFound,
      },
      {
        that: "no target",
        request: { pod, sessionId: "t1" },
        answer: badRequest("a tunnel needs a target"),
      },
      {
        that: "a runtime whose streaming server is away",
        given: ({ terminal }) => terminal[Symbol.asyncDispose](),
        request: upgradeTo("cat"),
        answer: { error: { code: "UNAVAILABLE", retryable: true } },
      },
    ],
    sendTunnelInput: [
      {
        that: "a piece of what is written is taken once",
        given: ({ openTunnel: open }) => open(),
        // A WebSocket message to standard input.
        request: { sessionId: "t1", sequence: 1n, input: { case: "data", value: webSocketMessage("\0ls\n") } },
        answer: { reply: {} },
        effect: async ({ terminal }) => {
          await eventually(() => terminal.stdin.length > 0);
          expect(terminal.stdin).toEqual(["ls\n"]);
        },
      },
      {
        that: "a session that is not open",
        request: { sessionId: "gone", sequence: 1n, input: { case: "end", value: {} } },
        answer: { error: { code: "NOT_FOUND", message: expect.stringContaining("gone") } },
      },
    ],
    sendExecInput: [
      {
        that: "a piece of input is taken once",
        given: ({ openSession: open }) => open("s1"),
        request: { sessionId: "s1", sequence: 1n, input: stdin("ls\n") },
        answer: { reply: {} },
        effect: async ({ client, terminal }) => {
          await client.sendExecInput({ sessionId: "s1", sequence: 2n, input: stdin("exit\n") });
          await eventually(() => terminal.stdin.length >= 2);
          expect(terminal.stdin).toEqual(["ls\n", "exit\n"]);
        },
      },
      {
        that: "a new size of the terminal",
        given: ({ openSession: open }) => open("s1"),
        request: { sessionId: "s1", sequence: 1n, input: { case: "resize", value: { width: 120, height: 40 } } },
        answer: { reply: {} },
        effect: async ({ terminal }) => {
          await eventually(() => terminal.resizes.length > 0);
          expect(terminal.resizes).toEqual([{ Width: 120, Height: 40 }]);
        },
      },
      {
        that: "a piece before the one that is due",
        given: ({ openSession: open }) => open("s1"),
        request: { sessionId: "s1", sequence: 2n, input: stdin("x") },
        answer: { error: { code: "OUT_OF_RANGE", retryable: true } },
        effect: ({ terminal }) => expect(terminal.stdin).toEqual([]),
      },
      {
        that: "a session that is not open",
        request: { sessionId: "gone", sequence: 1n, input: stdin("x") },
        answer: { error: { code: "NOT_FOUND", message: expect.stringContaining("gone") } },
      },
    ],
  },
});
