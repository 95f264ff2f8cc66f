import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type ActionSchema, HookKind, HookRunner } from "@podbus/contracts";
import { createLogger } from "@podbus/telemetry";
import { eventually, memoryTracer, type RealContainer, startRealContainer } from "@podbus/testkit";
import { hookRunnerConfig, startHookRunner } from "hook-runner";
import { afterAll, beforeAll, expect, it } from "vitest";

/** Hooks of a container that runs in a real containerd. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let real: RealContainer;
let client: Client<typeof HookRunner>;

beforeAll(async () => {
  real = opened.use(
    await startRealContainer("mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www"),
  );
  const hub = createMemoryBus({ clock: systemClock });
  const tracer = opened.use(memoryTracer()).tracer("hook-runner");
  const log = createLogger({ service: "hook-runner", level: "silent" });
  const config = hookRunnerConfig.parse({ PODBUS_NODE_NAME: node, PODBUS_CRI_ENDPOINT: real.containerd.endpoint });
  const bus = opened.use(hub.bus("hook-runner", { tracer }));
  opened.use(await startHookRunner({ bus, clock: systemClock, log, tracer }, config));
  client = opened.use(hub.bus("pod-lifecycle")).client(HookRunner, { node });
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

const container = () => ({ id: real.id, name: "main", pod: { namespace: "shop", name: "web", uid: "u-1" } });

const exec = (...command: string[]): MessageInitShape<typeof ActionSchema> => ({
  kind: { case: "exec", value: { command } },
});

const shell = (script: string, timeoutMs = 20_000) => {
  return client.runHook(
    { container: container(), kind: HookKind.POST_START, action: exec("sh", "-c", script) },
    { timeoutMs },
  );
};

it("runs a command inside the container", async () => {
  const answer = await shell("echo warm > /tmp/state; hostname");
  expect(answer).toMatchObject({ succeeded: true, message: "", exitCode: 0 });
  expect(await real.exec("cat", "/tmp/state")).toBe("warm\n");
});

it("tells exit code and output of a command that fails", async () => {
  const answer = await shell("echo no cache >&2; exit 7");
  expect(answer).toMatchObject({ succeeded: false, exitCode: 7, output: "no cache\n" });
  expect(answer.message).toContain("exited with 7: no cache\n");
});

it("tells that a command does not exist", async () => {
  const action = exec("/bin/nothing");
  const answer = await client.runHook({ container: container(), kind: HookKind.PRE_STOP, action });
  expect(answer.succeeded).toBe(false);
  expect(answer.message).toContain("no such file or directory");
});

it("ends in time although a background child holds the output", async () => {
  const begunMs = performance.now();
  const answer = await shell("sleep 333 & exit 0", 2_500);
  // The child would hold it for minutes; the call itself gives up at its deadline.
  expect(performance.now() - begunMs).toBeLessThan(20_000);
  expect(answer.message).toContain("timed out");
});

it("has a command killed that does not end in time", { timeout: 30_000 }, async () => {
  expect((await shell("exec sleep 444", 1_000)).message).toContain("timed out");
  await eventually(async () => !(await real.exec("ps")).includes("sleep 444"), { timeoutMs: 15_000 });
});

it("opens a connection to the pod from the node", async () => {
  const dial = (port: number) =>
    client.runHook({
      container: container(),
      kind: HookKind.POST_START,
      action: { kind: { case: "tcpSocket", value: { host: real.podIp, port } } },
    });
  await eventually(async () => (await dial(8080)).succeeded);
  expect((await dial(8081)).message).toContain(`dial tcp ${real.podIp}:8081: connect: connection refused`);
});

it("asks the pod over HTTP from the node", async () => {
  const value = { host: real.podIp, port: 8080, path: "/", scheme: "HTTP" };
  const ask = (change: Partial<typeof value>) =>
    client.runHook({
      container: container(),
      kind: HookKind.PRE_STOP,
      action: { kind: { case: "httpGet", value: { ...value, ...change } } },
    });
  await eventually(async () => (await ask({})).succeeded);
  expect((await ask({ path: "/missing" })).message).toContain("HTTP hook failed with statuscode: 404");
  expect((await ask({ port: 8081 })).message).toContain(`dial tcp ${real.podIp}:8081: connect: connection refused`);
});
