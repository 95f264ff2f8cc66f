import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { context, trace } from "@opentelemetry/api";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import {
  type ActionSchema,
  ProbeKind,
  ProbeMonitor,
  ProbeRunner,
  type RunProbesRequestSchema,
  type RunProbesResponse,
  Verdict,
  type WatchResultsResponse,
} from "@podbus/contracts";
import { createLogger } from "@podbus/telemetry";
import {
  eventually,
  FakeCri,
  issueLocalCertificate,
  memoryMeter,
  memoryTracer,
  runningContainer,
} from "@podbus/testkit";
import { probeRunnerConfig, startProbeRunner } from "probe-runner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const node = "node-1";
const clock = systemClock;
const opened = new AsyncDisposableStack();
const spans = opened.use(memoryTracer());
const cri = new FakeCri({ clock });
const memory = opened.use(memoryMeter("probe-runner"));
const lines: string[] = [];
let client: Client<typeof ProbeRunner>;
let monitor: Client<typeof ProbeMonitor>;
let id: string;

beforeAll(async () => {
  const hub = createMemoryBus({ clock });
  const tracer = spans.tracer("probe-runner");
  const bus = opened.use(hub.bus("probe-runner", { tracer }));
  const log = createLogger({ service: "probe-runner", destination: { write: (line) => lines.push(line) } });
  const config = probeRunnerConfig.parse({ PODBUS_NODE_NAME: node });
  opened.use(await startProbeRunner({ bus, clock, log, tracer, meter: memory.meter }, config, { cri }));
  client = opened.use(hub.bus("pod-lifecycle")).client(ProbeRunner, { node });
  monitor = opened.use(hub.bus("admin")).client(ProbeMonitor, { node });
  id = await runningContainer(cri);
});
afterAll(() => opened.disposeAsync());

const container = () => ({ id, name: "main", pod: { namespace: "shop", name: "web", uid: "u-1" } });
const exec: MessageInitShape<typeof ActionSchema> = { kind: { case: "exec", value: { command: ["check"] } } };
const httpGet = (port: number): MessageInitShape<typeof ActionSchema> => ({
  kind: { case: "httpGet", value: { host: "127.0.0.1", port, path: "/", scheme: "HTTP" } },
});

type Request = MessageInitShape<typeof RunProbesRequestSchema>;

const nameIn = (names: Record<string, number>, value: number) =>
  Object.keys(names).find((name) => names[name] === value) ?? "?";

const short = (report: RunProbesResponse | WatchResultsResponse) =>
  `${nameIn(ProbeKind, report.kind)} ${nameIn(Verdict, report.verdict)}${report.changed ? "!" : ""}${report.message && ` ${report.message}`}`;

/** Reads until `count` messages have come, then closes the stream. */
async function read(request: Request, count: number): Promise<string[]> {
  const reports: string[] = [];
  for await (const report of client.runProbes(request)) {
    reports.push(short(report));
    if (reports.length === count) break;
  }
  return reports;
}

describe("RunProbes", () => {
  it("lets the startup probe hold back the others, then probes them", async () => {
    let checks = 0;
    cri.onExec = () => ({ exitCode: ++checks < 3 ? 1 : 0, stdout: checks < 3 ? "warming up" : "" });
    const probes = [
      { kind: ProbeKind.READINESS, action: exec, periodMs: 100 },
      { kind: ProbeKind.STARTUP, action: exec, periodMs: 100, failureThreshold: 5 },
    ];
    expect(await read({ container: container(), probes }, 6)).toEqual([
      "READINESS FAILURE!",
      "STARTUP FAILURE",
      "STARTUP FAILURE Startup probe failed: warming up",
      "STARTUP FAILURE Startup probe failed: warming up",
      "STARTUP SUCCESS!",
      "READINESS SUCCESS!",
    ]);
  });

  it("reports a liveness failure with the kubelet's text and stops probing", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.writeHead(500).end("secret");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const probes = [
      { kind: ProbeKind.LIVENESS, action: httpGet(port), periodMs: 100, failureThreshold: 2, initial: Verdict.SUCCESS },
    ];
    const message = "Liveness probe failed: HTTP probe failed with statuscode: 500";
    expect(await read({ container: container(), probes }, 3)).toEqual([
      "LIVENESS SUCCESS!",
      `LIVENESS SUCCESS ${message}`,
      `LIVENESS FAILURE! ${message}`,
    ]);
    server.close();
    expect(asked).toBe(2);
  });

  it("asks over HTTPS whoever's certificate it is, and logs what was asked and how long it took", async () => {
    const { certificatePem: cert, keyPem: key } = await issueLocalCertificate();
    let agent: string | undefined;
    const server = createTlsServer({ cert, key }, (request, response) => {
      agent = request.headers["user-agent"];
      response.writeHead(agent && request.url === "/" ? 200 : 503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const https = (path: string) => ({
      kind: {
        case: "httpGet" as const,
        value: {
          host: "127.0.0.1",
          port,
          path,
          scheme: "HTTPS",
          headers: [{ name: "Host", value: "another.example" }],
        },
      },
    });
    const readiness = (path: string) => ({ kind: ProbeKind.READINESS, action: https(path), timeoutMs: 5_000 });
    expect(await read({ container: container(), probes: [readiness("/")] }, 2)).toEqual([
      "READINESS FAILURE!",
      "READINESS SUCCESS!",
    ]);
    expect(agent).toBe("kube-probe/1.32");
    const message = "Readiness probe failed: HTTP probe failed with statuscode: 503";
    expect(await read({ container: container(), probes: [readiness("/full")] }, 2)).toEqual([
      "READINESS FAILURE!",
      `READINESS FAILURE ${message}`,
    ]);
    server.close();
    const logged = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === message);
    expect(logged).toEqual([
      expect.objectContaining({ asked: `GET https://127.0.0.1:${port}/full`, tookMs: expect.any(Number) }),
    ]);
  });

  it("counts every attempt, those that change nothing too", async () => {
    let checks = 0;
    cri.onExec = () => ({ exitCode: ++checks < 4 ? 0 : 1 });
    const pod = { namespace: "shop", name: "counted", uid: "u-2" };
    const probes = [{ kind: ProbeKind.READINESS, action: exec, periodMs: 100, failureThreshold: 1 }];
    await read({ container: { ...container(), pod }, probes }, 3);
    const attempts = (await memory.points("prober_probe_total")).filter(
      ({ attributes }) => attributes.pod === "counted",
    );
    expect(attempts.map(({ attributes, count }) => [attributes.result, count])).toEqual([
      ["successful", 3],
      ["failed", 1],
    ]);
  });

  it("ends its probes when the caller closes the stream", async () => {
    cri.onExec = () => ({});
    const ended = () => lines.filter((line) => line.includes('"phase":"end"')).length;
    const before = ended();
    await read({ container: container(), probes: [{ kind: ProbeKind.READINESS, action: exec, periodMs: 100 }] }, 2);
    await eventually(() => ended() === before + 1);
  });

  it("writes the first success into the caller's trace, and none for a verdict that was known", async () => {
    spans.clear();
    cri.onExec = () => ({});
    const parent = spans.tracer("pod-lifecycle").startSpan("pod start");
    await context.with(trace.setSpan(context.active(), parent), async () => {
      const fresh = [
        { kind: ProbeKind.READINESS, action: exec, periodMs: 100 },
        { kind: ProbeKind.LIVENESS, action: exec, periodMs: 100 },
      ];
      await read({ container: container(), probes: fresh }, 3);
      const known = [{ kind: ProbeKind.READINESS, action: exec, periodMs: 100, initial: Verdict.SUCCESS }];
      await read({ container: container(), probes: known }, 1);
    });
    parent.end();
    const traceId = parent.spanContext().traceId;
    await eventually(() => spans.edges(traceId).length === 2);
    expect(spans.edges(traceId)).toEqual([
      "pod-lifecycle:pod start",
      "probe-runner:first probe success → pod-lifecycle:pod start",
    ]);
    const [first] = spans.spans({ name: "first probe success" });
    expect(first?.attributes).toMatchObject({ container: "main", probe: "readiness" });
  });

  it("stays open without probes until the caller closes it", async () => {
    const caller = new AbortController();
    const reading = (async () => {
      for await (const report of client.runProbes({ container: container() }, { signal: caller.signal })) return report;
      return undefined;
    })();
    caller.abort();
    await expect(reading).rejects.toMatchObject({ code: "CANCELLED" });
  });

  const good = { kind: ProbeKind.READINESS, action: exec };
  const refused: [string, Request, string][] = [
    ["no container", { probes: [good] }, "container.id: required"],
    ["two probes of a kind", { container: { id: "c" }, probes: [good, good] }, "probes: at most one of each kind"],
    ["no kind", { container: { id: "c" }, probes: [{ action: exec }] }, "probes[0].kind: required"],
    ["no action", { container: { id: "c" }, probes: [{ kind: ProbeKind.LIVENESS }] }, "probes[0].action: required"],
    [
      "port 70000",
      { container: { id: "c" }, probes: [{ ...good, action: httpGet(70_000) }] },
      "probes[0].action.http_get.port: 70000 is not between 1 and 65535",
    ],
    [
      "a liveness probe that needs two successes",
      { container: { id: "c" }, probes: [{ ...good, kind: ProbeKind.LIVENESS, successThreshold: 2 }] },
      "probes[0].success_threshold: must be 1",
    ],
  ];
  it.each(refused)("%s is refused", async (_sentence, request, message) => {
    await expect(read(request, 1)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});

describe("WatchResults", () => {
  /** Reads until `enough`, then closes the stream. */
  async function watch(enough: (seen: readonly WatchResultsResponse[]) => boolean): Promise<WatchResultsResponse[]> {
    const seen: WatchResultsResponse[] = [];
    if (enough(seen)) return seen;
    for await (const result of monitor.watchResults({})) {
      seen.push(result);
      if (enough(seen)) break;
    }
    return seen;
  }

  /** Probes while the work is done. */
  async function whileProbing<T>(probes: NonNullable<Request["probes"]>, work: () => Promise<T>): Promise<T> {
    const caller = new AbortController();
    const began = Promise.withResolvers<void>();
    const probing = (async () => {
      for await (const _ of client.runProbes({ container: container(), probes }, { signal: caller.signal }))
        began.resolve();
    })().catch(() => {});
    await began.promise;
    const result = await work();
    caller.abort();
    await probing;
    return result;
  }

  it("tells everybody every verdict and every failure, and no success that changes nothing", async () => {
    const watching = Promise.withResolvers<void>();
    let [checks, watchers] = [0, 0];
    cri.onExec = async () => {
      await watching.promise;
      return ++checks % 4 === 3 ? { exitCode: 1, stdout: "busy" } : {};
    };
    const enough = (results: readonly WatchResultsResponse[]) => {
      if (results.length === 1 && ++watchers === 2) watching.resolve();
      return results.length === 4;
    };
    const probes = [{ kind: ProbeKind.READINESS, action: exec, periodMs: 100, failureThreshold: 1 }];
    const [seen, alsoSeen] = await whileProbing(probes, () => Promise.all([watch(enough), watch(enough)]));
    expect(seen.map(short)).toEqual([
      "READINESS FAILURE!",
      "READINESS SUCCESS!",
      "READINESS FAILURE! Readiness probe failed: busy",
      "READINESS SUCCESS!",
    ]);
    expect(alsoSeen).toEqual(seen);
    const failed = seen.find(({ message }) => message !== "");
    expect(failed).toMatchObject({ container: container(), asked: 'command "check"' });
    expect(Math.abs(Number(failed?.atMs) - Date.now())).toBeLessThan(60_000);
  });

  it("begins with the last result of each probe that runs, and forgets it with the probe", async () => {
    cri.onExec = () => ({ exitCode: 1, stdout: "x".repeat(5_000) });
    const probes = [
      { kind: ProbeKind.STARTUP, action: exec, periodMs: 60_000, failureThreshold: 5 },
      { kind: ProbeKind.LIVENESS, action: exec, periodMs: 60_000, initial: Verdict.SUCCESS },
    ];
    const seen = await whileProbing(probes, async () => {
      // From then on nothing comes for a minute.
      await watch((results) => results.some(({ message }) => message !== ""));
      return watch((results) => results.length === 2);
    });
    const failure = "Startup probe failed: ";
    expect(seen.map(short).sort()).toEqual([
      "LIVENESS SUCCESS!",
      `STARTUP FAILURE ${failure}${"x".repeat(1_024 - failure.length)}`,
    ]);
    const late = monitor.watchResults({}, { timeoutMs: 300 });
    await expect(late[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});
