import type { Container, Pod, PodStatus } from "@podbus/kube";
import { containerHash } from "../src/domain/container-hash.ts";
import type { ObservedContainer, ObservedPod, ObservedSandbox } from "../src/domain/observed-pod.ts";
import { emptyProgress, type PodInputs, type PodProgress } from "../src/domain/pod-inputs.ts";

/** When every fixture's story takes place. */
export const nowMs = Date.UTC(2026, 0, 1, 12);

export function container(name: string, change: Partial<Container> = {}): Container {
  return {
    name,
    image: `${name}:1`,
    imagePullPolicy: "IfNotPresent",
    terminationMessagePath: "/dev/termination-log",
    ...change,
  };
}

export function pod(
  spec: Partial<Pod["spec"]> = {},
  change: { metadata?: Partial<Pod["metadata"]>; status?: PodStatus } = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", uid: "uid-1", ...change.metadata },
    spec: { containers: [container("main")], restartPolicy: "Always", terminationGracePeriodSeconds: 30, ...spec },
    ...(change.status ? { status: change.status } : {}),
  };
}

export function sandbox(change: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return { id: "s0", attempt: 0, state: "ready", createdAtMs: nowMs - 60_000, ips: ["10.1.0.5"], ...change };
}

export function run(name: string, change: Partial<ObservedContainer> = {}): ObservedContainer {
  const attempt = change.attempt ?? 0;
  return {
    id: `${name}-${attempt}`,
    name,
    sandboxId: "s0",
    attempt,
    restartCount: attempt,
    state: "running",
    createdAtMs: nowMs - 60_000,
    startedAtMs: nowMs - 60_000,
    finishedAtMs: 0,
    endedSteadyMs: change.finishedAtMs ?? 0,
    exitCode: 0,
    reason: "",
    message: "",
    image: `docker.io/library/${name}:1`,
    imageRef: `docker.io/library/${name}@sha256:1`,
    backOffMs: 0,
    hash: containerHash({ name, image: `${name}:1` }),
    ...change,
  };
}

export function exited(name: string, change: Partial<ObservedContainer> = {}): ObservedContainer {
  return run(name, { state: "exited", finishedAtMs: nowMs - 1_000, ...change });
}

export const observed = (...parts: (ObservedSandbox | ObservedContainer)[]): ObservedPod => ({
  sandboxes: parts.filter((p) => !("sandboxId" in p)) as ObservedSandbox[],
  containers: parts.filter((p) => "sandboxId" in p) as ObservedContainer[],
});

export const ready = (name: string) =>
  [name, { kind: "ready", imageRef: `sha256:${name}`, imageId: `${name}@sha256:1` }] as const;

/** As if its deletion had been seen at once; the fixtures' clocks agree. */
function endingSince({ metadata }: Pod): number | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  return Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}

/** A pod whose volumes and images are there. */
export function inputs(change: Partial<PodInputs> & { progress?: Partial<PodProgress> } = {}): PodInputs {
  const subject = change.pod ?? pod();
  const names = [...(subject.spec.initContainers ?? []), ...subject.spec.containers].map((c) => c.name);
  return {
    pod: subject,
    gone: false,
    observed: observed(),
    inFlight: new Set(),
    nowMs,
    steadyMs: change.nowMs ?? nowMs,
    ...change,
    progress: {
      ...emptyProgress(nowMs - 60_000, nowMs - 60_000),
      endingSinceMs: endingSince(subject),
      volumesReady: true,
      images: new Map(names.map(ready)),
      ...change.progress,
    },
  };
}
