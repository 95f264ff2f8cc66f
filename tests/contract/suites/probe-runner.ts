import type { Client } from "@podbus/bus";
import { ProbeKind, ProbeMonitor, ProbeRunner, Verdict } from "@podbus/contracts";
import { eventually, FakeCri } from "@podbus/testkit";
import { probeRunnerConfig, startProbeRunner } from "probe-runner";
import { expect } from "vitest";
import { type Bench, defineSuite } from "../harness/contract-suite.ts";
import { CountingClock } from "../harness/counting-clock.ts";
import { startContainer } from "../harness/fake-container.ts";

const node = "node-1.example";
const pod = { namespace: "default", name: "web", uid: "u1" };

interface World {
  readonly clock: CountingClock;
  readonly cri: FakeCri;
  readonly containerId: string;
  readonly runner: Client<typeof ProbeRunner>;
  /** Ends the probes of `startProbes`. */
  readonly ending: AbortController;
  /** That were begun, and how many of them their caller has given up. */
  attempts: number;
  cancelled: number;
}

async function start({ bus, log, tracer, cleanup }: Bench): Promise<World> {
  const clock = new CountingClock();
  const cri = cleanup.use(new FakeCri({ clock }));
  const { containerId } = await startContainer(cri, pod);
  const config = probeRunnerConfig.parse({ PODBUS_NODE_NAME: node });
  const runtime = { bus: await bus("probe-runner"), clock, log, tracer };
  cleanup.use(await startProbeRunner(runtime, config, { cri }));
  const runner = (await bus("pod-lifecycle")).client(ProbeRunner, { node });
  const ending = new AbortController();
  cleanup.defer(async () => ending.abort());
  return { clock, cri, containerId, runner, ending, attempts: 0, cancelled: 0 };
}

const exec = { kind: { case: "exec" as const, value: { command: ["check"] } } };
const probe = {
  kind: ProbeKind.READINESS as ProbeKind,
  action: exec,
  periodMs: 60_000,
  successThreshold: 1,
  failureThreshold: 1,
  timeoutMs: 1_000,
};

const probing =
  (...probes: (Partial<typeof probe> & { initial?: Verdict })[]) =>
  ({ containerId }: World) => ({
    container: { pod, name: "main", id: containerId },
    probes: probes.map((each) => ({ ...probe, ...each })),
  });

const fails = ({ cri }: World) => {
  cri.onExec = () => ({ exitCode: 1, stdout: "not yet" });
};

const said = (kind: string, verdict: "SUCCESS" | "FAILURE", rest: object = { changed: true }) => ({
  kind: `PROBE_KIND_${kind}`,
  verdict: `VERDICT_${verdict}`,
  ...rest,
});

const asked = 'command "check"';

/** Once nobody listens any more, no attempt is due: a probe that still ran would wait for its next one. */
async function probingHasEnded({ clock }: World): Promise<void> {
  await eventually(() => clock.waiting === 0);
}

export const probeRunnerSuite = defineSuite({
  service: ProbeRunner,
  target: { node },
  start,
  examples: {
    runProbes: [
      {
        that: "readiness begins as a failure and succeeds",
        request: probing({}),
        answer: { replies: [said("READINESS", "FAILURE"), said("READINESS", "SUCCESS")], stillOpen: true },
        effect: probingHasEnded,
      },
      {
        that: "a readiness that fails says why",
        given: fails,
        request: probing({}),
        answer: {
          replies: [
            said("READINESS", "FAILURE"),
            said("READINESS", "FAILURE", { changed: true, message: "Readiness probe failed: not yet", asked }),
          ],
          stillOpen: true,
        },
        effect: probingHasEnded,
      },
      {
        that: "liveness begins as a success and fails at its threshold",
        given: fails,
        request: probing({ kind: ProbeKind.LIVENESS }),
        answer: {
          replies: [
            said("LIVENESS", "SUCCESS"),
            said("LIVENESS", "FAILURE", { changed: true, message: "Liveness probe failed: not yet", asked }),
          ],
          stillOpen: true,
        },
        effect: probingHasEnded,
      },
      {
        that: "a failed attempt below the threshold is reported and changes nothing",
        given: fails,
        request: probing({ kind: ProbeKind.LIVENESS, failureThreshold: 3 }),
        answer: {
          replies: [
            said("LIVENESS", "SUCCESS"),
            said("LIVENESS", "SUCCESS", { message: "Liveness probe failed: not yet", asked }),
          ],
          stillOpen: true,
        },
      },
      {
        that: "startup holds the others back until it has succeeded",
        request: probing({ kind: ProbeKind.STARTUP }, {}),
        answer: {
          replies: [
            said("STARTUP", "FAILURE", {}),
            said("READINESS", "FAILURE"),
            said("STARTUP", "SUCCESS"),
            said("READINESS", "SUCCESS"),
          ],
          stillOpen: true,
        },
        effect: probingHasEnded,
      },
      {
        that: "what the caller knew before is where it begins",
        request: probing({ initial: Verdict.SUCCESS }),
        answer: { replies: [said("READINESS", "SUCCESS")], stillOpen: true },
        effect: probingHasEnded,
      },
      {
        that: "a runtime that is away says nothing of the container",
        given: ({ cri }) => cri.down(),
        request: probing({ kind: ProbeKind.LIVENESS }),
        answer: {
          replies: [
            said("LIVENESS", "SUCCESS"),
            said("LIVENESS", "SUCCESS", {
              message: expect.stringMatching(/^Liveness probe errored: .*is down/),
              asked,
            }),
          ],
          stillOpen: true,
        },
      },
      {
        that: "an attempt that outlasts its timeout has failed",
        given: ({ cri }) => {
          cri.onExec = () => new Promise(() => {});
        },
        request: probing({ timeoutMs: 200 }),
        answer: {
          replies: [
            said("READINESS", "FAILURE"),
            said("READINESS", "FAILURE", {
              changed: true,
              message: 'Readiness probe failed: command "check" timed out',
              asked,
            }),
          ],
          stillOpen: true,
        },
      },
      {
        that: "a caller that gives up ends its probes, also in the middle of an attempt",
        given: (world) => {
          world.cri.onExec = () => {
            world.attempts += 1;
            return new Promise(() => {});
          };
        },
        request: probing({}),
        cancelWhen: async (world) => {
          await eventually(() => world.attempts > world.cancelled);
          world.cancelled += 1;
        },
        answer: { replies: [said("READINESS", "FAILURE")], error: { code: "CANCELLED" } },
        effect: probingHasEnded,
      },
      {
        that: "a caller whose time is over ends its probes",
        request: probing({ initial: Verdict.SUCCESS }),
        timeoutMs: 500,
        answer: { replies: [said("READINESS", "SUCCESS")], error: { code: "DEADLINE_EXCEEDED" } },
        effect: probingHasEnded,
      },
      {
        that: "two probes of one kind",
        request: probing({}, {}),
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("one of each kind") } },
      },
      {
        that: "a probe without an action",
        request: (world) => ({ ...probing()(world), probes: [{ kind: ProbeKind.READINESS }] }),
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("probes[0].action") } },
      },
      {
        that: "no container",
        request: { probes: [probe] },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("container.id") } },
      },
    ],
  },
});

/** Probes of a neighbour that go on; resolves once it has heard `count` reports. */
async function startProbes(world: World, count: number, ...probes: Parameters<typeof probing>): Promise<void> {
  const { runner, ending } = world;
  const heard = Promise.withResolvers<void>();
  let reports = 0;
  void (async () => {
    const stream = runner.runProbes(probing(...probes)(world), { signal: ending.signal });
    for await (const _ of stream) if (++reports === count) heard.resolve();
  })().catch(heard.reject);
  await heard.promise;
}

const tookMs = expect.any(Number);
const told = (kind: string, verdict: "SUCCESS" | "FAILURE", rest: object) => ({
  container: { pod, name: "main", id: expect.any(String) },
  ...said(kind, verdict, rest),
  atMs: expect.any(Number),
});

export const probeMonitorSuite = defineSuite({
  service: ProbeMonitor,
  target: { node },
  start,
  examples: {
    watchResults: [
      {
        that: "nothing is probed",
        request: {},
        timeoutMs: 300,
        answer: { replies: [], error: { code: "DEADLINE_EXCEEDED" } },
      },
      {
        that: "begins with what each probe found last, and stays open",
        given: (world) => {
          world.cri.onExec = async () => {
            await world.clock.sleep(20);
            return { exitCode: 1, stdout: "not yet" };
          };
          const liveness = { kind: ProbeKind.LIVENESS, initial: Verdict.SUCCESS, failureThreshold: 3 };
          return startProbes(world, 4, {}, liveness);
        },
        request: {},
        answer: {
          replies: [
            told("READINESS", "FAILURE", { changed: true, message: "Readiness probe failed: not yet", asked, tookMs }),
            told("LIVENESS", "SUCCESS", { changed: true, message: "Liveness probe failed: not yet", asked, tookMs }),
          ],
          stillOpen: true,
        },
        // That a watcher leaves ends nobody's probes.
        effect: ({ clock }) => expect(clock.waiting).toBeGreaterThan(0),
      },
      {
        that: "a startup probe that nobody has decided has changed nothing",
        given: (world) => {
          world.cri.onExec = () => new Promise(() => {});
          return startProbes(world, 1, { kind: ProbeKind.STARTUP, timeoutMs: 60_000 });
        },
        request: {},
        answer: { replies: [told("STARTUP", "FAILURE", {})], stillOpen: true },
      },
    ],
  },
});
