import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@podbus/clock";
import { HookKind, HookRunner } from "@podbus/contracts";
import { eventually, FakeCri } from "@podbus/testkit";
import { hookRunnerConfig, startHookRunner } from "hook-runner";
import { expect } from "vitest";
import { type Bench, defineSuite } from "../harness/contract-suite.ts";
import { startContainer } from "../harness/fake-container.ts";

const node = "node-1.example";
const pod = { namespace: "default", name: "web", uid: "u1" };

interface World {
  readonly cri: FakeCri;
  readonly containerId: string;
  /** That were begun, and how many of them their caller has given up. */
  commands: number;
  cancelled: number;
  /** An application in the pod: what it was asked, and what it answers. */
  readonly web: { readonly port: number; readonly asked: string[]; connections: number; status: number };
}

async function start({ bus, log, tracer, cleanup }: Bench): Promise<World> {
  const cri = cleanup.use(new FakeCri({ clock: systemClock }));
  const { containerId } = await startContainer(cri, pod);
  const config = hookRunnerConfig.parse({ PODBUS_NODE_NAME: node });
  const runtime = { bus: await bus("hook-runner"), clock: systemClock, log, tracer };
  cleanup.use(await startHookRunner(runtime, config, { cri }));
  return { cri, containerId, commands: 0, cancelled: 0, web: await startWeb(cleanup) };
}

async function startWeb(cleanup: AsyncDisposableStack): Promise<World["web"]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["x-hook"] ?? ""}`.trim());
    response.writeHead(web.status).end("done");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.on("connection", () => {
    web.connections += 1;
  });
  const web = { port: (server.address() as AddressInfo).port, asked, connections: 0, status: 200 };
  cleanup.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  return web;
}

const exec = { kind: { case: "exec" as const, value: { command: ["sh", "-c", "warm-up"] } } };
const containerOf = ({ containerId }: World) => ({ pod, name: "main", id: containerId });
const execRequest = (world: World) => ({ container: containerOf(world), kind: HookKind.POST_START, action: exec });
const httpRequest = (world: World) => ({
  container: containerOf(world),
  kind: HookKind.PRE_STOP,
  action: {
    kind: {
      case: "httpGet" as const,
      value: {
        host: "127.0.0.1",
        port: world.web.port,
        path: "/bye",
        scheme: "HTTP",
        headers: [{ name: "X-Hook", value: "preStop" }],
      },
    },
  },
});

const tcpRequest = (world: World, port = world.web.port) => ({
  container: containerOf(world),
  kind: HookKind.POST_START,
  action: { kind: { case: "tcpSocket" as const, value: { host: "127.0.0.1", port } } },
});

export const hookRunnerSuite = defineSuite({
  service: HookRunner,
  target: { node },
  start,
  examples: {
    runHook: [
      {
        that: "a command that succeeds, each time it is asked for",
        given: ({ cri }) => {
          cri.onExec = () => ({ stdout: "warm\n" });
        },
        request: execRequest,
        answer: { reply: { succeeded: true, output: "warm\n" } },
        // At least once: a repeat runs the hook again, and never two at the same time for one call.
        effect: ({ cri }) => expect(cri.callsOf("execSync")).toHaveLength(2),
      },
      {
        that: "a command that fails is an answer",
        given: ({ cri }) => {
          cri.onExec = () => ({ stderr: "no cache\n", exitCode: 3 });
        },
        request: execRequest,
        answer: {
          reply: {
            message: expect.stringMatching(
              /^Exec lifecycle hook \(\[sh -c warm-up\]\) for Container "main" in Pod "web_default\(u1\)" failed/,
            ),
            output: "no cache\n",
            exitCode: 3,
          },
        },
      },
      {
        that: "a request to the pod",
        request: httpRequest,
        answer: { reply: { succeeded: true } },
        effect: async ({ web }) => {
          await eventually(() => web.asked.length === 2);
          expect(web.asked).toEqual(["GET /bye preStop", "GET /bye preStop"]);
        },
      },
      {
        that: "a request that the pod refuses is an answer",
        given: ({ web }) => {
          web.status = 503;
        },
        request: httpRequest,
        answer: { reply: { message: expect.stringContaining("503") } },
      },
      {
        that: "a connection to the pod, one each time it is asked for",
        request: (world) => tcpRequest(world),
        answer: { reply: { succeeded: true } },
        effect: ({ web }) => eventually(() => web.connections === 2),
      },
      {
        that: "a connection that the pod refuses is an answer",
        request: (world) => tcpRequest(world, 1),
        answer: { reply: { message: expect.stringContaining("dial tcp 127.0.0.1:1: connect: connection refused") } },
      },
      {
        that: "a command that outlasts the caller's deadline is an answer, before that",
        given: ({ cri }) => {
          cri.onExec = () => new Promise(() => {});
        },
        request: execRequest,
        timeoutMs: 1_000,
        answer: { reply: { message: expect.stringContaining('command "sh -c warm-up" timed out') } },
      },
      {
        that: "a caller that gives up abandons its hook, and a repeat runs it again",
        given: (world) => {
          world.cri.onExec = () => {
            world.commands += 1;
            return new Promise(() => {});
          };
        },
        request: execRequest,
        cancelWhen: async (world) => {
          await eventually(() => world.commands > world.cancelled);
          world.cancelled += 1;
        },
        answer: { error: { code: "CANCELLED" } },
        effect: ({ cri }) => expect(cri.callsOf("execSync")).toHaveLength(2),
      },
      {
        that: "a runtime that is away: the hook may not have run",
        given: ({ cri }) => cri.down(),
        request: execRequest,
        answer: { error: { code: "UNAVAILABLE", retryable: true } },
      },
      {
        that: "a container that is gone is a hook that failed",
        request: (world) => ({ ...execRequest(world), container: { pod, name: "main", id: "gone" } }),
        answer: { reply: { message: expect.stringContaining("gone") } },
      },
      {
        that: "no action",
        request: (world) => ({ container: containerOf(world), kind: HookKind.POST_START }),
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("action") } },
      },
      {
        that: "no container",
        request: { kind: HookKind.POST_START, action: exec },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("container") } },
      },
      {
        that: "no kind",
        request: (world) => ({ container: containerOf(world), action: exec }),
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("kind") } },
      },
    ],
  },
});
