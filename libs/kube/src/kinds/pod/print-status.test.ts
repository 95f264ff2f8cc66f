import { describe, expect, it } from "vitest";
import { podWith } from "./pod-fixture.ts";
import { printPod } from "./print-status.ts";
import type { PodStatus } from "./status-schema.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const status = (name: string, more: object) => ({
  name,
  ready: false,
  restartCount: 0,
  image: "i",
  imageID: "",
  ...more,
});
const main = (more: object) => status("main", more);
const ready = { type: "Ready", status: "True" };
const inits = {
  initContainers: [
    { name: "a", image: "i" },
    { name: "b", image: "i" },
  ],
};
const deleted = { deletionTimestamp: "2026-01-01T00:09:00Z" };

interface Case {
  readonly spec?: object;
  readonly metadata?: object;
  readonly status: PodStatus;
}

describe("READY, STATUS, RESTARTS of a pod", () => {
  it.each<[string, Case, [string, string, string]]>([
    ["new", { status: { phase: "Pending" } }, ["0/1", "Pending", "0"]],
    [
      "pulling",
      {
        status: {
          phase: "Pending",
          containerStatuses: [main({ state: { waiting: { reason: "ContainerCreating" } } })],
        },
      },
      ["0/1", "ContainerCreating", "0"],
    ],
    [
      "running",
      { status: { phase: "Running", conditions: [ready], containerStatuses: [main({ state: running, ready: true })] } },
      ["1/1", "Running", "0"],
    ],
    [
      "running, not ready",
      { status: { phase: "Running", containerStatuses: [main({ state: running })] } },
      ["0/1", "Running", "0"],
    ],
    [
      "crash loop",
      {
        status: {
          phase: "Running",
          containerStatuses: [
            main({
              state: { waiting: { reason: "CrashLoopBackOff" } },
              restartCount: 2,
              lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:05:00Z" } },
            }),
          ],
        },
      },
      ["0/1", "CrashLoopBackOff", "2 (5m ago)"],
    ],
    [
      "completed",
      {
        status: {
          phase: "Succeeded",
          containerStatuses: [main({ state: { terminated: { exitCode: 0, reason: "Completed" } } })],
        },
      },
      ["0/1", "Completed", "0"],
    ],
    [
      "failed by exit code",
      { status: { phase: "Failed", containerStatuses: [main({ state: { terminated: { exitCode: 3 } } })] } },
      ["0/1", "ExitCode:3", "0"],
    ],
    [
      "failed by signal",
      {
        status: { phase: "Failed", containerStatuses: [main({ state: { terminated: { exitCode: 137, signal: 9 } } })] },
      },
      ["0/1", "Signal:9", "0"],
    ],
    ["evicted", { status: { phase: "Failed", reason: "Evicted" } }, ["0/1", "Evicted", "0"]],
    [
      "gated",
      {
        status: {
          phase: "Pending",
          conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
        },
      },
      ["0/1", "SchedulingGated", "0"],
    ],
    [
      "terminating",
      { metadata: deleted, status: { phase: "Running", containerStatuses: [main({ state: running, ready: true })] } },
      ["1/1", "Terminating", "0"],
    ],
    [
      "its node is lost",
      { metadata: deleted, status: { phase: "Running", reason: "NodeLost" } },
      ["0/1", "Unknown", "0"],
    ],
    [
      "deleted after it ended",
      {
        metadata: deleted,
        status: {
          phase: "Succeeded",
          containerStatuses: [main({ state: { terminated: { exitCode: 0, reason: "Completed" } } })],
        },
      },
      ["0/1", "Completed", "0"],
    ],
    [
      "first init container",
      {
        spec: inits,
        status: {
          phase: "Pending",
          initContainerStatuses: [
            status("a", { state: running }),
            status("b", { state: { waiting: { reason: "PodInitializing" } } }),
          ],
        },
      },
      ["0/1", "Init:0/2", "0"],
    ],
    [
      "second init container",
      {
        spec: inits,
        status: {
          phase: "Pending",
          initContainerStatuses: [
            status("a", { state: { terminated: { exitCode: 0 } } }),
            status("b", { state: running }),
          ],
        },
      },
      ["0/1", "Init:1/2", "0"],
    ],
    [
      "init container fails",
      {
        spec: inits,
        status: {
          phase: "Failed",
          initContainerStatuses: [
            status("a", { state: { terminated: { exitCode: 1, reason: "Error" } }, restartCount: 1 }),
          ],
        },
      },
      ["0/1", "Init:Error", "1"],
    ],
    [
      "init container in a crash loop",
      {
        spec: inits,
        status: {
          phase: "Pending",
          initContainerStatuses: [status("a", { state: { waiting: { reason: "CrashLoopBackOff" } } })],
        },
      },
      ["0/1", "Init:CrashLoopBackOff", "0"],
    ],
    [
      "init containers done",
      {
        spec: inits,
        status: {
          phase: "Pending",
          initContainerStatuses: [
            status("a", { state: { terminated: { exitCode: 0 } }, restartCount: 3 }),
            status("b", { state: { terminated: { exitCode: 0 } } }),
          ],
          containerStatuses: [main({ state: { waiting: { reason: "PodInitializing" } } })],
        },
      },
      ["0/1", "PodInitializing", "0"],
    ],
    [
      "a ready sidecar counts",
      {
        spec: { initContainers: [{ name: "side", image: "i", restartPolicy: "Always" }] },
        status: {
          phase: "Running",
          initContainerStatuses: [status("side", { state: running, started: true, ready: true, restartCount: 1 })],
          containerStatuses: [main({ state: running, ready: true })],
        },
      },
      ["2/2", "Running", "1"],
    ],
    [
      "one of two has ended, the other runs and is ready",
      {
        spec: {
          containers: [
            { name: "main", image: "i" },
            { name: "job", image: "i" },
          ],
        },
        status: {
          phase: "Running",
          conditions: [ready],
          containerStatuses: [
            main({ state: { terminated: { exitCode: 0, reason: "Completed" } } }),
            status("job", { state: running, ready: true }),
          ],
        },
      },
      ["1/2", "Running", "0"],
    ],
    [
      "one of two has ended, the pod is not ready",
      {
        spec: {
          containers: [
            { name: "main", image: "i" },
            { name: "job", image: "i" },
          ],
        },
        status: {
          phase: "Running",
          containerStatuses: [
            main({ state: { terminated: { exitCode: 0, reason: "Completed" } } }),
            status("job", { state: running, ready: true }),
          ],
        },
      },
      ["1/2", "NotReady", "0"],
    ],
    [
      "the first of several reasons is shown",
      {
        spec: {
          containers: [
            { name: "main", image: "i" },
            { name: "b", image: "i" },
          ],
        },
        status: {
          phase: "Pending",
          containerStatuses: [
            main({ state: { waiting: { reason: "ErrImagePull" } } }),
            status("b", { state: { waiting: { reason: "ContainerCreating" } } }),
          ],
        },
      },
      ["0/2", "ErrImagePull", "0"],
    ],
  ])("%s", (_sentence, given, [readyText, statusText, restarts]) => {
    const pod = { ...podWith(given.spec, given.metadata), status: given.status };
    expect(printPod(pod, now)).toEqual({ ready: readyText, status: statusText, restarts });
  });
});
