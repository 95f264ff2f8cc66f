import type { ContainerStatus, Pod } from "@podbus/kube";
import { describe, expect, test } from "vitest";
import { container, exited, inputs, nowMs, observed, pod, run, sandbox } from "../../tests/fixtures.ts";
import type { PodInputs, PodProgress } from "./pod-inputs.ts";
import { computePodStatus } from "./pod-status.ts";

type Given = Omit<Partial<PodInputs>, "progress"> & { progress?: Partial<PodProgress> };

const statusOf = (given: Given, previous?: Pod["status"]) =>
  computePodStatus(inputs(given as Partial<PodInputs>), { hostIps: ["192.0.2.1"] }, previous);

const stateOf = (status: ContainerStatus | undefined): string => {
  const { waiting, running, terminated } = status?.state ?? {};
  if (waiting) return `waiting ${waiting.reason}`;
  return running ? "running" : `terminated ${terminated?.reason} ${terminated?.exitCode}`;
};

const deleted = { deletionTimestamp: "2026-01-01T12:00:30Z", deletionGracePeriodSeconds: 30 };
const two = pod({ containers: [container("a"), container("b")] });
const withInit = pod({ initContainers: [container("i1"), container("i2")] });
const readiness = pod({ containers: [container("main", { readinessProbe: { tcpSocket: { port: 80 } } })] });
const startup = pod({ containers: [container("main", { startupProbe: { tcpSocket: { port: 80 } } })] });
const hooked = pod({ containers: [container("main", { lifecycle: { postStart: { exec: { command: ["x"] } } } })] });

describe("phase and containers", () => {
  const cases: readonly (readonly [string, Given, string, readonly string[]])[] = [
    ["nothing is here yet", {}, "Pending", ["waiting ContainerCreating"]],
    [
      "init containers are ahead",
      { pod: withInit, observed: observed(sandbox()) },
      "Pending",
      ["waiting PodInitializing"],
    ],
    ["it runs", { observed: observed(sandbox(), run("main")) }, "Running", ["running"]],
    [
      "one of two runs",
      { pod: two, observed: observed(sandbox(), run("a")) },
      "Pending",
      ["running", "waiting ContainerCreating"],
    ],
    [
      "it is created, not started",
      { observed: observed(sandbox(), run("main", { state: "created" })) },
      "Pending",
      ["waiting ContainerCreating"],
    ],
    [
      "its hook has not returned",
      { pod: hooked, observed: observed(sandbox(), run("main")) },
      "Pending",
      ["waiting ContainerCreating"],
    ],
    [
      "its image is refused",
      {
        observed: observed(sandbox()),
        progress: {
          images: new Map([["main", { kind: "failed", reason: "ErrImagePull", message: "m", retryAtMs: 0 }]]),
        },
      },
      "Pending",
      ["waiting ErrImagePull"],
    ],
    [
      "it cannot be made",
      {
        observed: observed(sandbox()),
        progress: {
          failures: new Map([["container:main", { reason: "CreateContainerError", message: "m", retryAtMs: 0 }]]),
        },
      },
      "Pending",
      ["waiting CreateContainerError"],
    ],
    [
      "it crashed and waits",
      { observed: observed(sandbox(), exited("main", { exitCode: 1, backOffMs: 10_000 })) },
      "Running",
      ["waiting CrashLoopBackOff"],
    ],
    [
      "it crashed and is about to run again",
      { observed: observed(sandbox(), exited("main", { exitCode: 1 })) },
      "Running",
      ["waiting ContainerCreating"],
    ],
    [
      "it succeeded, policy OnFailure",
      { pod: pod({ restartPolicy: "OnFailure" }), observed: observed(sandbox(), exited("main")) },
      "Succeeded",
      ["terminated Completed 0"],
    ],
    [
      "it failed, policy Never",
      { pod: pod({ restartPolicy: "Never" }), observed: observed(sandbox(), exited("main", { exitCode: 2 })) },
      "Failed",
      ["terminated Error 2"],
    ],
    [
      "one succeeded, one failed, policy Never",
      {
        pod: pod({ restartPolicy: "Never", containers: two.spec.containers }),
        observed: observed(sandbox(), exited("a"), exited("b", { exitCode: 1 })),
      },
      "Failed",
      ["terminated Completed 0", "terminated Error 1"],
    ],
    [
      "one ended, one runs, policy Never",
      {
        pod: pod({ restartPolicy: "Never", containers: two.spec.containers }),
        observed: observed(sandbox(), exited("a"), run("b")),
      },
      "Running",
      ["terminated Completed 0", "running"],
    ],
    [
      "it was killed for its memory",
      {
        pod: pod({ restartPolicy: "Never" }),
        observed: observed(sandbox(), exited("main", { exitCode: 137, reason: "OOMKilled" })),
      },
      "Failed",
      ["terminated OOMKilled 137"],
    ],
    [
      "deleted, still running",
      { pod: pod({}, { metadata: deleted }), observed: observed(sandbox(), run("main")) },
      "Running",
      ["running"],
    ],
    [
      "deleted, ended by TERM",
      { pod: pod({}, { metadata: deleted }), observed: observed(sandbox(), exited("main", { exitCode: 143 })) },
      "Failed",
      ["terminated Error 143"],
    ],
    [
      "deleted, ended well",
      { pod: pod({}, { metadata: deleted }), observed: observed(sandbox(), exited("main")) },
      "Succeeded",
      ["terminated Completed 0"],
    ],
    [
      "an init container failed for good",
      {
        pod: pod({ restartPolicy: "Never", initContainers: [container("i1")] }),
        observed: observed(sandbox(), exited("i1", { exitCode: 1 })),
      },
      "Failed",
      ["waiting PodInitializing"],
    ],
    [
      "an init container crashes",
      { pod: withInit, observed: observed(sandbox(), exited("i1", { exitCode: 1, backOffMs: 10_000 })) },
      "Pending",
      ["waiting PodInitializing"],
    ],
  ];
  test.each(cases)("%s", (_, given, phase, states) => {
    const status = statusOf(given);
    expect([status.phase, status.containerStatuses?.map(stateOf)]).toEqual([phase, states]);
  });

  test("a final phase is never left", () => {
    const previous = { phase: "Succeeded" };
    const given = { pod: pod({}, { status: previous }), observed: observed(sandbox(), run("main")) };
    expect(statusOf(given, previous).phase).toBe("Succeeded");
  });

  test("a deadline makes it Failed at once", () => {
    const given = { pod: pod({ activeDeadlineSeconds: 1 }), observed: observed(sandbox(), run("main")) };
    expect(statusOf(given)).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  });
});

describe("sidecars", () => {
  const side = container("side", { restartPolicy: "Always" });
  const withSide = pod({ initContainers: [side] });
  const onceWithSide = pod({ initContainers: [side], restartPolicy: "Never" });
  const slow = pod({ initContainers: [{ ...side, startupProbe: { tcpSocket: { port: 80 } } }] });
  const probed = pod({ initContainers: [{ ...side, readinessProbe: { tcpSocket: { port: 80 } } }] });
  const bothRun = observed(sandbox(), run("side"), run("main"));

  test.each<[string, Given, { phase: string; side: string; ready: boolean; initialized: string; podReady: string }]>([
    [
      "runs, the app not yet",
      { pod: withSide, observed: observed(sandbox(), run("side")) },
      { phase: "Pending", side: "running", ready: true, initialized: "True", podReady: "False" },
    ],
    [
      "has not passed its startup probe",
      { pod: slow, observed: observed(sandbox(), run("side")) },
      { phase: "Pending", side: "running", ready: false, initialized: "False", podReady: "False" },
    ],
    [
      "runs beside the app",
      { pod: withSide, observed: bothRun },
      { phase: "Running", side: "running", ready: true, initialized: "True", podReady: "True" },
    ],
    [
      "is not ready: nor is the pod",
      { pod: probed, observed: bothRun },
      { phase: "Running", side: "running", ready: false, initialized: "True", podReady: "False" },
    ],
    [
      "crashed and waits, the app runs",
      {
        pod: onceWithSide,
        observed: observed(sandbox(), exited("side", { attempt: 1, exitCode: 1, backOffMs: 10_000 }), run("main")),
      },
      { phase: "Running", side: "waiting CrashLoopBackOff", ready: false, initialized: "True", podReady: "False" },
    ],
    [
      "still runs after the app's success",
      { pod: onceWithSide, observed: observed(sandbox(), run("side"), exited("main")) },
      { phase: "Running", side: "running", ready: true, initialized: "True", podReady: "False" },
    ],
    [
      "was ended after the app's success: the pod has succeeded all the same",
      { pod: onceWithSide, observed: observed(sandbox(), exited("side", { exitCode: 137 }), exited("main")) },
      { phase: "Succeeded", side: "terminated Error 137", ready: false, initialized: "True", podReady: "False" },
    ],
  ])("%s", (_, given, expected) => {
    const status = statusOf(given);
    const conditionOf = (type: string) => status.conditions?.find((c) => c.type === type)?.status;
    const [side] = status.initContainerStatuses ?? [];
    expect({
      phase: status.phase,
      side: stateOf(side),
      ready: side?.ready,
      initialized: conditionOf("Initialized"),
      podReady: conditionOf("Ready"),
    }).toEqual(expected);
  });
});

test("an ephemeral container has a status of its own, and neither phase nor readiness looks at it", () => {
  const debugged = pod({ ephemeralContainers: [container("debug")] });
  const crashed = exited("debug", { exitCode: 1 });
  const status = statusOf({ pod: debugged, observed: observed(sandbox(), run("main"), crashed) });
  expect(status.phase).toBe("Running");
  expect(status.conditions?.find((c) => c.type === "Ready")?.status).toBe("True");
  expect(status.ephemeralContainerStatuses?.map(stateOf)).toEqual(["terminated Error 1"]);
  expect(status.ephemeralContainerStatuses?.[0]).toMatchObject({ name: "debug", ready: false, restartCount: 0 });
});

describe("ready and started", () => {
  const live = observed(sandbox(), run("main"));
  const cases: readonly (readonly [string, Given, boolean, boolean])[] = [
    ["no probes", { observed: live }, true, true],
    ["readiness unknown", { pod: readiness, observed: live }, true, false],
    [
      "readiness succeeded",
      { pod: readiness, observed: live, progress: { verdicts: new Map([["main-0", { readiness: true }]]) } },
      true,
      true,
    ],
    [
      "readiness of an earlier run",
      { pod: readiness, observed: live, progress: { verdicts: new Map([["main-9", { readiness: true }]]) } },
      true,
      false,
    ],
    ["startup unknown", { pod: startup, observed: live }, false, false],
    [
      "startup succeeded",
      { pod: startup, observed: live, progress: { verdicts: new Map([["main-0", { startup: true }]]) } },
      true,
      true,
    ],
    ["its sandbox died", { observed: observed(sandbox({ state: "not-ready" }), run("main")) }, true, false],
    ["created", { observed: observed(sandbox(), run("main", { state: "created" })) }, false, false],
  ];
  test.each(cases)("%s", (_, given, started, ready) => {
    const [main] = statusOf(given).containerStatuses ?? [];
    expect([main?.started, main?.ready]).toEqual([started, ready]);
  });
});

describe("conditions", () => {
  const gated = { readinessGates: [{ conditionType: "x/y" }] };
  const gate = (status: string) => ({ status: { conditions: [{ type: "x/y", status }] } });
  const conditionOf = (given: Given, type: string, previous?: Pod["status"]) =>
    statusOf(given, previous).conditions?.find((c) => c.type === type);

  test.each<[string, Given, string, object]>([
    ["the sandbox has its address", { observed: observed(sandbox()) }, "PodReadyToStartContainers", { status: "True" }],
    [
      "the sandbox has none yet",
      { observed: observed(sandbox({ ips: [] })) },
      "PodReadyToStartContainers",
      { status: "False" },
    ],
    ["the pod has no sandbox yet", {}, "PodReadyToStartContainers", { status: "False" }],
    [
      "the sandbox died",
      { observed: observed(sandbox({ state: "not-ready" }), run("main")) },
      "PodReadyToStartContainers",
      { status: "False" },
    ],
    [
      "the host's network needs none",
      { pod: pod({ hostNetwork: true }), observed: observed(sandbox({ ips: [] })) },
      "PodReadyToStartContainers",
      { status: "True" },
    ],
    [
      "init containers are ahead",
      { pod: withInit, observed: observed(sandbox(), exited("i1")) },
      "Initialized",
      { status: "False", reason: "ContainersNotInitialized", message: "containers with incomplete status: [i2]" },
    ],
    [
      "init containers are ahead, the pod is not Ready",
      { pod: withInit, observed: observed(sandbox(), exited("i1")) },
      "Ready",
      { status: "False", reason: "ContainersNotReady", message: "containers with unready status: [main]" },
    ],
    [
      "init containers are done",
      { pod: withInit, observed: observed(sandbox(), exited("i1"), exited("i2")) },
      "Initialized",
      { status: "True" },
    ],
    ["without init containers, before there is a sandbox", {}, "Initialized", { status: "True" }],
    [
      "init containers were removed long ago",
      { pod: withInit, observed: observed(sandbox(), run("main")) },
      "Initialized",
      { status: "True" },
    ],
    [
      "two are not ready",
      { pod: two, observed: observed(sandbox()) },
      "ContainersReady",
      { status: "False", reason: "ContainersNotReady", message: "containers with unready status: [a b]" },
    ],
    [
      "the pod completed",
      { pod: pod({ restartPolicy: "Never" }), observed: observed(sandbox(), exited("main")) },
      "Ready",
      { status: "False", reason: "PodCompleted" },
    ],
    [
      "a readiness gate is missing",
      { pod: pod(gated), observed: observed(sandbox(), run("main")) },
      "Ready",
      {
        status: "False",
        reason: "ReadinessGatesNotReady",
        message: 'corresponding condition of pod readiness gate "x/y" does not exist.',
      },
    ],
    [
      "a readiness gate is missing: the containers are ready all the same",
      { pod: pod(gated), observed: observed(sandbox(), run("main")) },
      "ContainersReady",
      { status: "True" },
    ],
    [
      "a readiness gate is False",
      { pod: pod(gated, gate("False")), observed: observed(sandbox(), run("main")) },
      "Ready",
      {
        status: "False",
        reason: "ReadinessGatesNotReady",
        message: 'the status of pod readiness gate "x/y" is not "True", but False',
      },
    ],
    [
      "the readiness gates are True",
      { pod: pod(gated, gate("True")), observed: observed(sandbox(), run("main")) },
      "Ready",
      { status: "True" },
    ],
    [
      "the readiness gates are True, a container is not ready",
      { pod: pod(gated, gate("True")), observed: observed(sandbox()) },
      "Ready",
      { status: "False", reason: "ContainersNotReady", message: "containers with unready status: [main]" },
    ],
  ])("%s", (_, given, type, expected) => {
    expect(conditionOf(given, type)).toEqual({ type, lastTransitionTime: "2026-01-01T12:00:00Z", ...expected });
  });

  test("the transition's time stays while the status stays", () => {
    const previous = { conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T11:00:00Z" }] };
    expect(conditionOf({ observed: observed(sandbox(), run("main")) }, "Ready", previous)?.lastTransitionTime).toBe(
      "2026-01-01T11:00:00Z",
    );
    expect(conditionOf({}, "Ready", previous)?.lastTransitionTime).toBe("2026-01-01T12:00:00Z");
  });
});

describe("the rest", () => {
  test("a crash is the last state of what waits, with the message that it left", () => {
    const last = exited("main", { attempt: 2, exitCode: 7, backOffMs: 20_000, terminationMessage: "sorry" });
    const [main] = statusOf({ observed: observed(sandbox(), last) }).containerStatuses ?? [];
    expect(main).toMatchObject({
      restartCount: 2,
      containerID: "containerd://main-2",
      lastState: {
        terminated: {
          exitCode: 7,
          reason: "Error",
          message: "sorry",
          containerID: "containerd://main-2",
          startedAt: "2026-01-01T11:59:00Z",
          finishedAt: "2026-01-01T11:59:59Z",
        },
      },
      state: { waiting: { message: "back-off 20s restarting failed container=main pod=web_default(uid-1)" } },
    });
  });

  test("the messages of many containers have 12 KiB together", () => {
    const names = Array.from({ length: 6 }, (_, at) => `c${at}`);
    const last = names.map((name) => exited(name, { exitCode: 7, terminationMessage: "m".repeat(4096) }));
    const given = {
      pod: pod({ containers: names.map((name) => container(name)), restartPolicy: "Never" }),
      observed: observed(sandbox(), ...last),
    };
    const shown = statusOf(given).containerStatuses?.map(({ state }) => state?.terminated?.message?.length);
    expect(shown).toEqual(names.map(() => 2048));
  });

  test("a running one shows the run before it", () => {
    const given = { observed: observed(sandbox(), run("main", { attempt: 1 }), exited("main", { exitCode: 1 })) };
    expect(statusOf(given).containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1);
  });

  test("skipped attempts are not restarts", () => {
    const given = { observed: observed(sandbox(), run("main", { attempt: 3, restartCount: 0 })) };
    expect(statusOf(given).containerStatuses?.[0]?.restartCount).toBe(0);
  });

  test("a run that the runtime lost ended as unknown", () => {
    const stored: ContainerStatus = {
      name: "main",
      ready: true,
      restartCount: 4,
      image: "main:1",
      imageID: "",
      containerID: "containerd://x",
      state: { running: { startedAt: "2026-01-01T11:00:00Z" } },
    };
    const given = {
      pod: pod({ restartPolicy: "Never" }, { status: { phase: "Running", containerStatuses: [stored] } }),
    };
    const status = statusOf(given);
    expect([status.phase, status.containerStatuses?.map(stateOf)]).toEqual([
      "Failed",
      ["terminated ContainerStatusUnknown 137"],
    ]);
    expect(status.containerStatuses?.[0]?.restartCount).toBe(4);
  });

  test("addresses, start and quality of service", () => {
    expect(statusOf({ observed: observed(sandbox({ ips: ["10.1.0.5", "fd00::5"] })) })).toMatchObject({
      hostIP: "192.0.2.1",
      hostIPs: [{ ip: "192.0.2.1" }],
      podIP: "10.1.0.5",
      podIPs: [{ ip: "10.1.0.5" }, { ip: "fd00::5" }],
      startTime: new Date(nowMs - 60_000).toISOString().replace(".000", ""),
      qosClass: "BestEffort",
    });
  });

  test("on the host's network the pod has the node's address", () => {
    const given = { pod: pod({ hostNetwork: true }), observed: observed(sandbox({ ips: [] })) };
    expect(statusOf(given)).toMatchObject({ podIP: "192.0.2.1" });
  });

  test("app containers are sorted by name, init containers are not", () => {
    const subject = pod({
      containers: [container("z"), container("a")],
      initContainers: [container("y"), container("b")],
    });
    const status = statusOf({ pod: subject });
    expect(status.containerStatuses?.map((c) => c.name)).toEqual(["a", "z"]);
    expect(status.initContainerStatuses?.map((c) => c.name)).toEqual(["y", "b"]);
  });

  test("init containers have statuses of their own; those behind the one that runs wait", () => {
    const status = statusOf({ pod: withInit, observed: observed(sandbox(), run("i1")) });
    expect(status.initContainerStatuses?.map(stateOf)).toEqual(["running", "waiting PodInitializing"]);
  });

  test("a refused pod has no containers", () => {
    const status = statusOf({ progress: { rejection: { reason: "OutOfcpu", message: "too big" } } });
    expect(status).toMatchObject({ phase: "Failed", reason: "OutOfcpu", message: "Pod was rejected: too big" });
    expect(status.containerStatuses).toBeUndefined();
  });
});
