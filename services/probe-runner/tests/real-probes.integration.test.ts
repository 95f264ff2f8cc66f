import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type ActionSchema, ProbeKind, ProbeRunner, Verdict } from "@podbus/contracts";
import { createLogger } from "@podbus/telemetry";
import { eventually, memoryTracer, type RealContainer, startRealContainer } from "@podbus/testkit";
import { probeRunnerConfig, startProbeRunner } from "probe-runner";
import { afterAll, beforeAll, expect, it } from "vitest";

/** Probes of a container that runs in a real containerd. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let real: RealContainer;
let client: Client<typeof ProbeRunner>;

beforeAll(async () => {
  real = opened.use(
    await startRealContainer("mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www"),
  );
  const hub = createMemoryBus({ clock: systemClock });
  const tracer = opened.use(memoryTracer()).tracer("probe-runner");
  const log = createLogger({ service: "probe-runner", level: "silent" });
  const config = probeRunnerConfig.parse({ PODBUS_NODE_NAME: node, PODBUS_CRI_ENDPOINT: real.containerd.endpoint });
  const bus = opened.use(hub.bus("probe-runner", { tracer }));
  opened.use(await startProbeRunner({ bus, clock: systemClock, log, tracer }, config));
  client = opened.use(hub.bus("pod-lifecycle")).client(ProbeRunner, { node });
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

type Action = MessageInitShape<typeof ActionSchema>;
const shell = (script: string): Action => ({ kind: { case: "exec", value: { command: ["sh", "-c", script] } } });
const http = (path: string): Action => ({
  kind: { case: "httpGet", value: { host: real.podIp, port: 8080, path, scheme: "HTTP" } },
});
const tcp = (port: number): Action => ({ kind: { case: "tcpSocket", value: { host: real.podIp, port } } });

/** Probes until readiness succeeds, or until something is said about a failure. */
async function firstWord(action: Action, timeoutMs = 2_000): Promise<string> {
  const probes = [{ kind: ProbeKind.READINESS, action, periodMs: 200, timeoutMs }];
  const container = { id: real.id, name: "main", pod: { namespace: "shop", name: "web", uid: "u-1" } };
  for await (const { verdict, message } of client.runProbes({ container, probes })) {
    if (verdict === Verdict.SUCCESS) return "success";
    if (message) return message;
  }
  return "ended";
}

it.each<[string, () => Action, string | RegExp, number?]>([
  ["a command that succeeds", () => shell("test -d /www"), "success"],
  ["a command that fails", () => shell("echo cold; exit 1"), "Readiness probe failed: cold\n"],
  [
    "a command that takes too long",
    () => shell("sleep 60"),
    'Readiness probe failed: command "sh -c sleep 60" timed out',
    1_000,
  ],
  [
    "a command whose child holds its output",
    () => shell("sleep 555 & exit 0"),
    'Readiness probe failed: command "sh -c sleep 555 & exit 0" timed out',
    1_000,
  ],
  [
    "a command that prints without end",
    () => shell("exec yes"),
    'Readiness probe failed: command "sh -c exec yes" timed out',
    1_000,
  ],
  [
    "a command that prints more than anybody reads",
    () => shell("head -c 100000 /dev/zero | tr '\\0' x; exit 1"),
    /^Readiness probe failed: x{10240}$/,
  ],
  ["a page that is there", () => http("/"), "success"],
  ["a page that is missing", () => http("/none"), "Readiness probe failed: HTTP probe failed with statuscode: 404"],
  ["a port that is open", () => tcp(8080), "success"],
  [
    "a port that is closed",
    () => tcp(8081),
    /^Readiness probe failed: dial tcp [\d.]+:8081: connect: connection refused$/,
  ],
])("%s", async (_sentence, action, expected, timeoutMs) => {
  expect(await firstWord(action(), timeoutMs)).toMatch(expected);
});

it("has a command killed that does not end in time", async () => {
  expect(await firstWord(shell("exec sleep 666"), 1_000)).toContain("timed out");
  await eventually(async () => !(await real.exec("ps")).includes("sleep 666"), { timeoutMs: 15_000 });
});

it("sees a startup that takes a while, and readiness right after it", async () => {
  await real.exec("sh", "-c", "(sleep 1; touch /tmp/started) >/dev/null 2>&1 &");
  const container = { id: real.id, name: "main", pod: { namespace: "shop", name: "web", uid: "u-1" } };
  const probes = [
    { kind: ProbeKind.STARTUP, action: shell("test -f /tmp/started"), periodMs: 200, failureThreshold: 50 },
    { kind: ProbeKind.READINESS, action: http("/"), periodMs: 200 },
  ];
  const successes: ProbeKind[] = [];
  for await (const { kind, verdict } of client.runProbes({ container, probes })) {
    if (verdict === Verdict.SUCCESS) successes.push(kind);
    if (successes.length === 2) break;
  }
  expect(successes).toEqual([ProbeKind.STARTUP, ProbeKind.READINESS]);
});

it("tells that a container is gone, which is no verdict", async () => {
  const probes = [{ kind: ProbeKind.LIVENESS, action: shell("true"), periodMs: 200 }];
  for await (const { verdict, changed, message } of client.runProbes({
    container: { id: "gone", name: "main" },
    probes,
  })) {
    if (changed) continue;
    expect(verdict).toBe(Verdict.SUCCESS);
    expect(message).toMatch(/^Liveness probe errored: .*not found/);
    break;
  }
});
