import type { Container, Pod } from "@podbus/kube";
import { describe, expect, test } from "vitest";
import { container, exited, inputs, nowMs, observed, pod, ready, run, sandbox } from "../../tests/fixtures.ts";
import { decidePod } from "./decide-pod.ts";
import type { ImageResult, PodInputs, PodProgress } from "./pod-inputs.ts";
import { actionKey } from "./pod-plan.ts";

interface Case {
  readonly when: string;
  readonly does: readonly string[];
  readonly wakeInMs?: number;
  readonly given: Omit<Partial<PodInputs>, "progress"> & { progress?: Partial<PodProgress> };
}

const two = pod({ containers: [container("a"), container("b")] });
const withInit = pod({ initContainers: [container("i1"), container("i2")] });
const never = pod({ restartPolicy: "Never" });
const deleted = pod({}, { metadata: { deletionTimestamp: "2026-01-01T12:00:30Z", deletionGracePeriodSeconds: 30 } });
const hooked = pod({ containers: [container("main", { lifecycle: { postStart: { exec: { command: ["x"] } } } })] });
const probed = pod({
  containers: [container("main", { livenessProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 5 } })],
});
const noImages: PodProgress["images"] = new Map();

const starts: readonly Case[] = [
  {
    when: "nothing is here: volumes, and the first pull beside them",
    given: { progress: { volumesReady: false, images: noImages } },
    does: ["ensure-volumes", "pull-image:main"],
  },
  {
    when: "volumes are ready: the sandbox, while the pull goes on",
    given: { progress: { images: noImages } },
    does: ["create-sandbox:0", "pull-image:main"],
  },
  {
    when: "the sandbox is ready and the image here",
    given: { observed: observed(sandbox()) },
    does: ["create-container:main:0"],
  },
  {
    when: "a container is created and not started",
    given: { observed: observed(sandbox(), run("main", { state: "created" })) },
    does: ["start-container:main-0"],
  },
  {
    when: "a created container waits for the volumes of a restarted agent",
    given: { observed: observed(sandbox(), run("main", { state: "created" })), progress: { volumesReady: false } },
    does: ["ensure-volumes"],
  },
  { when: "everything runs", given: { observed: observed(sandbox(), run("main")) }, does: [] },
  {
    when: "one image at a time is pulled, and no container starts before the one in front of it",
    given: { pod: two, observed: observed(sandbox()), progress: { images: noImages } },
    does: ["pull-image:a"],
  },
  {
    when: "the second image is pulled while the first container is made",
    given: { pod: two, observed: observed(sandbox()), progress: { images: new Map([ready("a")]) } },
    does: ["create-container:a:0", "pull-image:b"],
  },
  {
    when: "the first container's pull is backed off: the second one does not wait",
    given: {
      pod: two,
      observed: observed(sandbox()),
      progress: {
        images: new Map<string, ImageResult>([
          ["a", { kind: "failed", reason: "ImagePullBackOff", message: "", retryAtMs: nowMs + 7_000 }],
          ready("b"),
        ]),
      },
    },
    does: ["create-container:b:0"],
    wakeInMs: 7_000,
  },
  {
    when: "the second container starts once the first one runs",
    given: { pod: two, observed: observed(sandbox(), run("a"), run("b", { state: "created" })) },
    does: ["start-container:b-0"],
  },
  {
    when: "the first container's postStart hook holds the second one back",
    given: {
      pod: pod({ containers: [...hooked.spec.containers, container("b")] }),
      observed: observed(sandbox(), run("main")),
    },
    does: ["run-post-start:main-0"],
  },
  {
    when: "probes begin once the container runs",
    given: { pod: probed, observed: observed(sandbox(), run("main")) },
    does: ["probe:main-0"],
  },
  {
    when: "a failed creation waits for its turn",
    given: {
      observed: observed(sandbox()),
      progress: {
        failures: new Map([
          ["container:main", { reason: "CreateContainerError", message: "", retryAtMs: nowMs + 500 }],
        ]),
      },
    },
    does: [],
    wakeInMs: 500,
  },
];

const initContainers: readonly Case[] = [
  {
    when: "the first init container goes alone",
    given: { pod: withInit, observed: observed(sandbox()) },
    does: ["create-container:i1:0"],
  },
  {
    when: "the first init container's image is pulled alone",
    given: { pod: withInit, observed: observed(sandbox()), progress: { images: noImages } },
    does: ["pull-image:i1"],
  },
  {
    when: "the first init container waits for the sandbox, and that for the volumes",
    given: { pod: withInit, progress: { volumesReady: false } },
    does: ["ensure-volumes"],
  },
  {
    when: "volumes are ready: the sandbox, before any init container",
    given: { pod: withInit },
    does: ["create-sandbox:0"],
  },
  {
    when: "an init container cannot be made: it is tried again",
    given: {
      pod: withInit,
      observed: observed(sandbox()),
      progress: {
        failures: new Map([["container:i1", { reason: "CreateContainerError", message: "", retryAtMs: nowMs + 500 }]]),
      },
    },
    does: [],
    wakeInMs: 500,
  },
  {
    when: "an init container has failed twice: it waits 10 s, and all behind it",
    given: {
      pod: withInit,
      observed: observed(sandbox(), exited("i1", { attempt: 1, exitCode: 1, backOffMs: 10_000 })),
    },
    does: [],
    wakeInMs: 9_000,
  },
  { when: "an init container runs", given: { pod: withInit, observed: observed(sandbox(), run("i1")) }, does: [] },
  {
    when: "the first one succeeded: the second",
    given: { pod: withInit, observed: observed(sandbox(), exited("i1")) },
    does: ["create-container:i2:0"],
  },
  {
    when: "the first one failed: it is tried again, the first time at once",
    given: { pod: withInit, observed: observed(sandbox(), exited("i1", { exitCode: 1 })) },
    does: ["create-container:i1:1"],
  },
  {
    when: "one failed and the policy is Never: the pod is over and its sandbox stops",
    given: {
      pod: pod({ initContainers: [container("i1")], restartPolicy: "Never" }),
      observed: observed(sandbox(), exited("i1", { exitCode: 1 })),
    },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "all succeeded: the app containers",
    given: { pod: withInit, observed: observed(sandbox(), exited("i1"), exited("i2")) },
    does: ["create-container:main:0"],
  },
  {
    when: "an app container is here: init containers are not looked at again",
    given: { pod: withInit, observed: observed(sandbox(), run("main")) },
    does: [],
  },
  {
    when: "the app container has ended and what init containers did is forgotten: they do not run again",
    given: { pod: withInit, observed: observed(sandbox(), exited("main")) },
    does: ["create-container:main:1"],
  },
  {
    when: "the image of an init container was changed while it runs: it goes on",
    given: { pod: withInit, observed: observed(sandbox(), run("i1", { hash: "other" })) },
    does: [],
  },
  {
    when: "the image of an init container was changed after its success: it does not run again",
    given: { pod: withInit, observed: observed(sandbox(), exited("i1", { hash: "other" })) },
    does: ["create-container:i2:0"],
  },
  {
    when: "all succeeded: all app containers, none waits for the end of another",
    given: {
      pod: pod({ ...two.spec, initContainers: [container("i1")] }),
      observed: observed(sandbox(), exited("i1"), run("a")),
    },
    does: ["create-container:b:0"],
  },
  {
    when: "the sandbox is a new one: init containers run again in it",
    given: {
      pod: withInit,
      observed: observed(
        sandbox({ id: "s1", attempt: 1 }),
        sandbox({ state: "not-ready" }),
        exited("i1"),
        exited("i2"),
        exited("main"),
      ),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: ["create-container:i1:1"],
  },
];

const side = (name: string, change: Partial<Container> = {}) => container(name, { restartPolicy: "Always", ...change });
const probe = { exec: { command: ["x"] } };
const withSidecars = pod({ initContainers: [side("s1"), container("i"), side("s2", { startupProbe: probe })] });
const onceWithSidecar = pod({ initContainers: [side("s1")], restartPolicy: "Never" });
const endingWithSidecars: Pod = { ...deleted, spec: { ...withSidecars.spec } };

const sidecars: readonly Case[] = [
  {
    when: "a sidecar goes first and holds back what is behind it",
    given: { pod: withSidecars, observed: observed(sandbox()) },
    does: ["create-container:s1:0"],
  },
  {
    when: "it runs: the init container behind it, beside it",
    given: { pod: withSidecars, observed: observed(sandbox(), run("s1")) },
    does: ["create-container:i:0"],
  },
  {
    when: "one with a startup probe holds back the rest until that has succeeded",
    given: { pod: withSidecars, observed: observed(sandbox(), run("s1"), exited("i"), run("s2")) },
    does: ["probe:s2-0"],
  },
  {
    when: "all have started: the app containers",
    given: {
      pod: withSidecars,
      observed: observed(sandbox(), run("s1"), exited("i"), run("s2")),
      progress: { verdicts: new Map([["s2-0", { startup: true }]]) },
    },
    does: ["probe:s2-0", "create-container:main:0"],
  },
  {
    when: "one whose postStart hook runs has not started",
    given: {
      pod: pod({ initContainers: [side("s1", { lifecycle: { postStart: probe } })] }),
      observed: observed(sandbox(), run("s1")),
    },
    does: ["run-post-start:s1-0"],
  },
  {
    when: "one that crashes during a later init container is restarted; the init container goes on",
    given: { pod: withSidecars, observed: observed(sandbox(), exited("s1", { exitCode: 1 }), run("i")) },
    does: ["create-container:s1:1"],
  },
  {
    when: "one that waits in its back-off holds up nobody that may go on",
    given: {
      pod: withSidecars,
      observed: observed(sandbox(), exited("s1", { attempt: 1, exitCode: 1, backOffMs: 10_000 }), exited("i")),
    },
    does: ["create-container:s2:0"],
    wakeInMs: 9_000,
  },
  {
    when: "one that ends beside the app containers is restarted, whatever the pod's policy and its exit code",
    given: { pod: onceWithSidecar, observed: observed(sandbox(), exited("s1"), run("main")) },
    does: ["create-container:s1:1"],
  },
  {
    when: "the app containers are over: the sidecar ends",
    given: { pod: onceWithSidecar, observed: observed(sandbox(), run("s1"), exited("main")) },
    does: ["stop-container:s1-0:30"],
  },
  {
    when: "the app containers are over and so is the sidecar: it is not restarted",
    given: { pod: onceWithSidecar, observed: observed(sandbox(), exited("s1", { exitCode: 143 }), exited("main")) },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "an init container failed for good: the sidecar in front of it ends",
    given: {
      pod: pod({ initContainers: [side("s1"), container("i")], restartPolicy: "Never" }),
      observed: observed(sandbox(), run("s1"), exited("i", { exitCode: 1 })),
    },
    does: ["stop-container:s1-0:30"],
  },
  {
    when: "a new sandbox: sidecars begin again in their place",
    given: {
      pod: withSidecars,
      observed: observed(
        sandbox({ id: "s1", attempt: 1 }),
        sandbox({ state: "not-ready" }),
        ...["s1", "i", "s2", "main"].map((name) => exited(name)),
      ),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: ["create-container:s1:1"],
  },
  {
    when: "deleted: all but the sidecars end first",
    given: { pod: endingWithSidecars, observed: observed(sandbox(), run("s1"), exited("i"), run("s2"), run("main")) },
    does: ["stop-container:main-0:30"],
  },
  {
    when: "then the last sidecar, with what is left of the grace period",
    given: {
      pod: endingWithSidecars,
      observed: observed(sandbox(), run("s1"), run("s2"), exited("main", { finishedAtMs: nowMs + 12_500 })),
    },
    does: ["stop-container:s2-0:18"],
  },
  {
    when: "then the one before it, with two seconds at least",
    given: {
      pod: endingWithSidecars,
      observed: observed(sandbox(), run("s1"), exited("s2", { finishedAtMs: nowMs + 31_000 }), exited("main")),
    },
    does: ["stop-container:s1-0:2"],
  },
  {
    when: "gone from the feed: the sidecar too ends without grace",
    given: { pod: withSidecars, gone: true, observed: observed(sandbox(), run("s1")) },
    does: ["stop-container:s1-0:0"],
  },
];

const debugged = pod({ ephemeralContainers: [container("debug")] });
const debuggedInit = pod({ ephemeralContainers: [container("debug")], initContainers: [container("i1")] });

const ephemeralContainers: readonly Case[] = [
  {
    when: "one is added: it starts beside what runs",
    given: {
      pod: debugged,
      observed: observed(sandbox(), run("main")),
      progress: { images: new Map([ready("debug")]) },
    },
    does: ["create-container:debug:0"],
  },
  {
    when: "an init container runs and another waits in its back-off: it starts all the same",
    given: {
      pod: debuggedInit,
      observed: observed(sandbox(), exited("i1", { attempt: 1, exitCode: 1, backOffMs: 10_000 })),
      progress: { images: new Map([ready("debug")]) },
    },
    does: ["create-container:debug:0"],
    wakeInMs: 9_000,
  },
  {
    when: "it has ended: never again, whatever the policy",
    given: { pod: debugged, observed: observed(sandbox(), run("main"), exited("debug", { exitCode: 1 })) },
    does: [],
  },
  {
    when: "the app containers are over: so is the pod",
    given: {
      pod: { ...debugged, spec: { ...debugged.spec, restartPolicy: "Never" } },
      observed: observed(sandbox(), exited("main"), run("debug")),
    },
    does: ["stop-container:debug-0:30"],
  },
];

const restarts: readonly Case[] = [
  {
    when: "the first crash restarts at once",
    given: { observed: observed(sandbox(), exited("main", { exitCode: 1 })) },
    does: ["create-container:main:1"],
  },
  {
    when: "the second crash waits 10 s from its end",
    given: { observed: observed(sandbox(), exited("main", { attempt: 1, exitCode: 1, backOffMs: 10_000 })) },
    does: [],
    wakeInMs: 9_000,
  },
  {
    when: "a run of more than ten minutes resets the back-off",
    given: {
      observed: observed(
        sandbox(),
        exited("main", { attempt: 7, exitCode: 1, backOffMs: 300_000, startedAtMs: nowMs - 700_000 }),
      ),
    },
    does: ["create-container:main:8"],
  },
  {
    when: "OnFailure does not restart a success: the pod is over",
    given: { pod: pod({ restartPolicy: "OnFailure" }), observed: observed(sandbox(), exited("main")) },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "OnFailure restarts a failure",
    given: { pod: pod({ restartPolicy: "OnFailure" }), observed: observed(sandbox(), exited("main", { exitCode: 3 })) },
    does: ["create-container:main:1"],
  },
  {
    when: "Never restarts nothing, and goes on with the other container",
    given: {
      pod: pod({ restartPolicy: "Never", containers: two.spec.containers }),
      observed: observed(sandbox(), exited("a", { exitCode: 1 }), run("b")),
    },
    does: [],
  },
  {
    when: "liveness failed: the container ends with the probe's own grace period",
    given: {
      pod: probed,
      observed: observed(sandbox(), run("main")),
      progress: { verdicts: new Map([["main-0", { liveness: false }]]) },
    },
    does: ["stop-container:main-0:5"],
  },
  {
    when: "liveness failed, policy Never: it is not started again",
    given: {
      pod: { ...probed, spec: { ...probed.spec, restartPolicy: "Never" } },
      observed: observed(sandbox(), exited("main", { exitCode: 137 })),
      progress: { verdicts: new Map([["main-0", { liveness: false }]]) },
    },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "startup failed: the container ends with the probe's own grace period",
    given: {
      pod: pod({
        containers: [
          container("main", { startupProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 7 } }),
        ],
      }),
      observed: observed(sandbox(), run("main")),
      progress: { verdicts: new Map([["main-0", { startup: false }]]) },
    },
    does: ["stop-container:main-0:7"],
  },
  {
    when: "the postStart hook failed: the container ends",
    given: {
      pod: hooked,
      observed: observed(sandbox(), run("main")),
      progress: { postStart: new Map([["main-0", "failed"]]) },
    },
    does: ["stop-container:main-0:30"],
  },
  {
    when: "the image was changed in the spec: the container ends",
    given: { observed: observed(sandbox(), run("main", { hash: "other" })) },
    does: ["stop-container:main-0:30"],
  },
  {
    when: "of each container the last two runs stay",
    given: {
      observed: observed(
        sandbox(),
        run("main", { attempt: 2 }),
        exited("main", { attempt: 1 }),
        exited("main", { attempt: 0 }),
      ),
    },
    does: ["remove-container:main-0"],
  },
];

const projecting = pod({ volumes: [{ name: "c", configMap: { name: "c" } }] }, { metadata: { labels: { a: "1" } } });
const running = observed(sandbox(), run("main"));
const freshFor = (ms: number, labels: Record<string, string> = { a: "1" }) => ({
  volumesFresh: { atMs: nowMs - ms, metadata: { labels } },
});

const freshVolumes: readonly Case[] = [
  {
    when: "files from the API are fresh: look again a minute after they were made",
    given: { pod: projecting, observed: running, progress: freshFor(20_000) },
    does: [],
    wakeInMs: 40_000,
  },
  {
    when: "the minute is over",
    given: { pod: projecting, observed: running, progress: freshFor(60_000) },
    does: ["refresh-volumes"],
  },
  {
    when: "the pod's labels have changed: at once",
    given: { pod: projecting, observed: running, progress: freshFor(1_000, { a: "0" }) },
    does: ["refresh-volumes"],
  },
  {
    when: "a refresh that failed waits for its turn, and nothing else does",
    given: {
      pod: projecting,
      observed: observed(sandbox()),
      progress: {
        ...freshFor(61_000),
        failures: new Map([["refresh-volumes", { reason: "FailedMount", message: "", retryAtMs: nowMs + 500 }]]),
      },
    },
    does: ["create-container:main:0"],
    wakeInMs: 500,
  },
  {
    when: "a pod without such volumes is left alone",
    given: { observed: running, progress: freshFor(120_000, {}) },
    does: [],
  },
];

const sandboxes: readonly Case[] = [
  {
    when: "the sandbox died: its containers end first",
    given: { observed: observed(sandbox({ state: "not-ready" }), run("main")) },
    does: ["stop-container:main-0:30"],
  },
  {
    when: "the sandbox died and nothing runs in it: its network is given back",
    given: { observed: observed(sandbox({ state: "not-ready" }), exited("main")) },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "the dead sandbox is stopped: the next one takes the next attempt",
    given: {
      observed: observed(sandbox({ state: "not-ready" }), exited("main")),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: ["create-sandbox:1"],
  },
  {
    when: "an old sandbox without containers goes",
    given: {
      observed: observed(
        sandbox({ id: "s1", attempt: 1 }),
        sandbox({ state: "not-ready" }),
        run("main", { sandboxId: "s1" }),
      ),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: ["remove-sandbox:s0"],
  },
  {
    when: "two ready sandboxes: only the newest stays in use",
    given: { observed: observed(sandbox({ id: "s1", attempt: 1 }), sandbox(), run("main", { sandboxId: "s1" })) },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "the runtime lost a pod that had run, policy Never: nothing is started again",
    given: {
      pod: pod(
        { restartPolicy: "Never" },
        {
          status: {
            phase: "Running",
            containerStatuses: [
              {
                name: "main",
                ready: true,
                restartCount: 0,
                image: "main:1",
                imageID: "",
                containerID: "containerd://x",
                state: { running: {} },
              },
            ],
          },
        },
      ),
      observed: observed(),
    },
    does: [],
  },
];

const ends: readonly Case[] = [
  {
    when: "deleted: all containers at once",
    given: { pod: { ...deleted, spec: two.spec }, observed: observed(sandbox(), run("a"), run("b")) },
    does: ["stop-container:a-0:30", "stop-container:b-0:30"],
  },
  {
    when: "deleted while a container is made: wait for it",
    given: { pod: deleted, observed: observed(sandbox()), inFlight: new Set(["create-container:main:0"]) },
    does: [],
  },
  {
    when: "deleted with a created container",
    given: { pod: deleted, observed: observed(sandbox(), run("main", { state: "created" })) },
    does: ["remove-container:main-0"],
  },
  {
    when: "deleted and everything ended: the sandbox stops",
    given: { pod: deleted, observed: observed(sandbox(), exited("main")) },
    does: ["stop-sandbox:s0"],
  },
  {
    when: "deleted and the sandbox stopped: it goes",
    given: {
      pod: deleted,
      observed: observed(sandbox({ state: "not-ready" }), exited("main")),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: ["remove-sandbox:s0"],
  },
  {
    when: "deleted and the runtime is empty: files and cgroup",
    given: { pod: deleted, observed: observed() },
    does: ["clean-up"],
  },
  {
    when: "deleted and cleaned up: the object goes",
    given: { pod: deleted, observed: observed(), progress: { cleanedUp: true } },
    does: ["finish-deletion"],
  },
  {
    when: "gone from the feed: ends without grace",
    given: { gone: true, observed: observed(sandbox(), run("main")) },
    does: ["stop-container:main-0:0"],
  },
  {
    when: "gone and cleaned up: nothing is left to do",
    given: { gone: true, observed: observed(), progress: { cleanedUp: true } },
    does: [],
  },
  {
    when: "the active deadline is over",
    given: { pod: pod({ activeDeadlineSeconds: 60 }), observed: observed(sandbox(), run("main")) },
    does: ["stop-container:main-0:30"],
  },
  {
    when: "the active deadline is over while an init container runs",
    given: {
      pod: pod({ activeDeadlineSeconds: 60, initContainers: [container("i1")] }),
      observed: observed(sandbox(), run("i1")),
    },
    does: ["stop-container:i1-0:30"],
  },
  {
    when: "the active deadline is ahead: look again then",
    given: { pod: pod({ activeDeadlineSeconds: 61 }), observed: observed(sandbox(), run("main")) },
    does: [],
    wakeInMs: 1_000,
  },
  {
    when: "the node refuses the pod: nothing is started",
    given: { progress: { rejection: { reason: "OutOfcpu", message: "" } } },
    does: [],
  },
  {
    when: "finished, sandbox stopped: containers stay for their logs",
    given: {
      pod: never,
      observed: observed(sandbox({ state: "not-ready" }), exited("main")),
      progress: { stoppedSandboxes: new Set(["s0"]) },
    },
    does: [],
  },
];

describe.each([
  ["starts", starts],
  ["init containers", initContainers],
  ["sidecars", sidecars],
  ["ephemeral containers", ephemeralContainers],
  ["restarts", restarts],
  ["files from the API", freshVolumes],
  ["sandboxes", sandboxes],
  ["ends", ends],
] as const)("%s", (_, cases) => {
  test.each(cases)("$when", ({ given, does, wakeInMs }) => {
    const plan = decidePod(inputs(given as Partial<PodInputs>));
    expect(plan.actions.map(actionKey)).toEqual(does);
    expect(plan.wakeAtMs).toBe(wakeInMs === undefined ? undefined : nowMs + wakeInMs);
  });
});

test("the next run carries the back-off that follows it: 0, 10 s, 20 s … 300 s", () => {
  let last = exited("main", { exitCode: 1 });
  const seen: number[] = [];
  for (let attempt = 1; attempt < 9; attempt++) {
    const plan = decidePod(inputs({ observed: observed(sandbox(), last), nowMs: nowMs + 400_000 }));
    const create = plan.actions.find((a) => a.kind === "create-container");
    if (create?.kind !== "create-container") throw new Error("no restart");
    seen.push(create.backOffMs / 1000);
    last = exited("main", { attempt, exitCode: 1, backOffMs: create.backOffMs });
  }
  expect(seen).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
});

describe("the preStop hook", () => {
  const verdict = (probe: "liveness" | "startup") => ({ verdicts: new Map([["main-0", { [probe]: false }]]) });
  const startup = pod({ containers: [container("main", { startupProbe: { exec: { command: ["x"] } } })] });

  test.each([
    ["comes before the stop of a deleted pod", { pod: deleted }, true],
    ["comes before the stop after a failed liveness probe", { pod: probed, progress: verdict("liveness") }, true],
    ["comes before the stop after a failed startup probe", { pod: startup, progress: verdict("startup") }, true],
    ["comes before the stop at the active deadline", { pod: pod({ activeDeadlineSeconds: 60 }) }, true],
    ["is left out where there is no time for it", { gone: true }, false],
  ] as const)("%s", (_, given, preStop) => {
    const plan = decidePod(inputs({ observed: observed(sandbox(), run("main")), ...given } as Partial<PodInputs>));
    expect(plan.actions).toMatchObject([{ kind: "stop-container", preStop }]);
  });
});
