import { systemClock } from "@podbus/clock";
import { ContainerState } from "@podbus/contracts/cri";
import { type Cri, createCri } from "@podbus/cri";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { type ProcessName, processNames, SeparateServices } from "../support/separate-services.ts";

/**
 * SIGKILL of each process at each step of a pod's start, over real containers. Each time the pod becomes Ready, no
 * container of it ever runs twice at once, restart counts are what happened, and at the end no sandbox is left.
 */
let registry: RegistryWithBusybox;
let deployment: SeparateServices;
let cri: Cri;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  deployment = await SeparateServices.start([registry.host]);
  cri = createCri({ endpoint: `unix://${deployment.layout.containerdSocket}`, clock: systemClock });
  await eventuallyPasses(
    async () => expect((await deployment.kubectl("", "get", "nodes")).stdout).toContain(" Ready "),
    {
      timeoutMs: 60_000,
    },
  );
  await must("", "create", "configmap", "words", "--from-literal=greeting=hello");
}, 180_000);

afterAll(async () => {
  await cri?.[Symbol.asyncDispose]();
  await deployment?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 180_000);

/** Steps in the order of a start. "request" is kubectl's request itself; the others are what services say they begin. */
const steps = [
  "request",
  "bind",
  "feed",
  "volumes",
  "sandbox",
  "pull",
  "create",
  "start",
  "hook",
  "probes",
  "status",
] as const;

describe.each(steps)("killed at the step %s", (step) => {
  it.each(processNames)("%s", async (victim) => {
    const name = `${step}-${victim}`;
    await startAndKill(name, step, victim);
    try {
      await becomesReady(name);
      await expectOneRunOfEachContainer(name);
    } finally {
      await must("", "delete", "pod", name, "--grace-period=0", "--force");
    }
  });
});

it("no sandbox is left a minute after the last pod is gone", async () => {
  await eventuallyPasses(async () => expect((await cri.runtime.listPodSandbox({})).items).toEqual([]), {
    timeoutMs: 60_000,
  });
}, 90_000);

/** Applies the pod, and kills at the first sight of the step; kubectl's own request is repeated until it is taken. */
async function startAndKill(name: string, step: (typeof steps)[number], victim: ProcessName): Promise<void> {
  const manifest = JSON.stringify(pod(name));
  const seen = Promise.withResolvers<void>();
  const stopListening = deployment.onStep((each) => {
    if (each.step === step && each.pod === `default/${name}`) seen.resolve();
  });
  const applied = apply(manifest);
  if (step === "request") seen.resolve();
  await within(seen.promise, 30_000, `the step ${step} of ${name}`);
  deployment.kill(victim);
  stopListening();
  await applied;
}

async function apply(manifest: string): Promise<void> {
  await eventuallyPasses(
    async () => expect(await deployment.kubectl(manifest, "apply", "-f", "-")).toMatchObject({ code: 0 }),
    {
      timeoutMs: 40_000,
    },
  );
}

/** kubectl wait ends with an error where the API server is killed under it; what counts is the pod. */
async function becomesReady(name: string): Promise<void> {
  await eventuallyPasses(
    async () => {
      const { stdout, stderr } = await deployment.kubectl(
        "",
        "wait",
        "--for=condition=Ready",
        "--timeout=20s",
        `pod/${name}`,
      );
      expect(stdout, stderr).toContain("condition met");
    },
    { timeoutMs: 60_000 },
  );
}

const stillRunning = 2n ** 62n;

interface Run {
  readonly startedAt: bigint;
  readonly finishedAt: bigint;
}

async function expectOneRunOfEachContainer(name: string): Promise<void> {
  const { stdout } = await deployment.kubectl("", "get", "pod", name, "-o", "json");
  const { metadata, status } = JSON.parse(stdout);
  const { containers } = await cri.runtime.listContainers({
    filter: { labelSelector: { "io.kubernetes.pod.uid": metadata.uid } },
  });
  const runs: Run[] = [];
  // The runtime gives up a start whose caller dies: such a container has ended without ever having run.
  let neverRan = 0;
  for (const { id } of containers) {
    const { status: container } = await cri.runtime.containerStatus({ containerId: id });
    if (!container) continue;
    const ended = container.state === ContainerState.CONTAINER_EXITED;
    if (container.startedAt === 0n) neverRan += ended ? 1 : 0;
    else runs.push({ startedAt: container.startedAt, finishedAt: ended ? container.finishedAt : stillRunning });
  }
  runs.sort((a, b) => Number(a.startedAt - b.startedAt));
  for (const [at, run] of runs.entries()) {
    const next = runs[at + 1];
    if (next) expect(next.startedAt >= run.finishedAt, `${name}: two runs at once`).toBe(true);
  }
  expect(runs.filter((run) => run.finishedAt === stillRunning)).toHaveLength(1);
  // As in Kubernetes, as many restarts are told as containers have ended.
  const ends = runs.length - 1 + neverRan;
  expect(status.containerStatuses[0].restartCount, `${name}: ${ends} ends`).toBe(ends);
}

function pod(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "main",
          image: registry.busybox,
          // So that every start asks the registry.
          imagePullPolicy: "Always",
          command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"],
          lifecycle: { postStart: { exec: { command: ["true"] } } },
          readinessProbe: { exec: { command: ["true"] }, periodSeconds: 1 },
          volumeMounts: [{ name: "words", mountPath: "/words" }],
        },
      ],
      volumes: [{ name: "words", configMap: { name: "words" } }],
    },
  };
}

async function must(input: string, ...args: string[]): Promise<void> {
  await eventuallyPasses(async () => expect(await deployment.kubectl(input, ...args)).toMatchObject({ code: 0 }), {
    timeoutMs: 30_000,
  });
}

async function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const bound = AbortSignal.timeout(ms);
  return Promise.race([
    work,
    new Promise<never>((_, reject) =>
      bound.addEventListener("abort", () => reject(new Error(`${what} was not seen within ${ms} ms`))),
    ),
  ]);
}
