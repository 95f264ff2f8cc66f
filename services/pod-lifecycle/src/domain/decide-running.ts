import { type Container, equalJson, isSidecar } from "@podbus/kube";
import { containerHash } from "./container-hash.ts";
import { hasStarted } from "./container-started.ts";
import { nextBackOffMs, restartAtMs } from "./crash-back-off.ts";
import { endContainer, stopContainer } from "./decide-stopped.ts";
import { newestSandbox, type ObservedContainer, type ObservedSandbox, runsOf } from "./observed-pod.ts";
import { podGrace } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { isCreating, type PodAction, type PodPlan } from "./pod-plan.ts";
import { hasPostStart, roleOf, shouldRestart } from "./restart-policy.ts";
import { earliest, retryable } from "./retryable.ts";
import { isFromApi } from "./volume-files.ts";

/** The actions of a pod that should run; `untilMs` is its active deadline. */
export function decideRunning(inputs: PodInputs, untilMs: number | undefined): PodPlan {
  const sandbox = newestSandbox(inputs.observed);
  const parts = [prepare(inputs, sandbox), refreshVolumes(inputs), retireSandboxes(inputs, sandbox)];
  const usable = sandbox && isUsable(inputs, sandbox) ? sandbox : undefined;
  parts.push(runContainers(inputs, usable), removeOldRuns(inputs));
  return {
    actions: parts.flatMap((p) => p.actions),
    wakeAtMs: earliest([untilMs, ...parts.map((p) => p.wakeAtMs)]),
  };
}

/** Ready, and its addresses are known as far as they will be: an event may show it before they are. */
function isUsable({ pod, inFlight }: PodInputs, sandbox: ObservedSandbox): boolean {
  if (sandbox.state !== "ready") return false;
  const complete = sandbox.ips.length > 0 || pod.spec.hostNetwork;
  return complete || ![...inFlight].some((key) => key.startsWith("create-sandbox"));
}

/** Volumes, then a sandbox. */
function prepare(inputs: PodInputs, sandbox: ObservedSandbox | undefined): PodPlan {
  if (!inputs.progress.volumesReady) return retryable(inputs, [{ kind: "ensure-volumes" }]);
  if (sandbox?.state === "ready" || hasLive(inputs, sandbox?.id)) return nothing;
  // The old sandbox's network is given back before a new one is asked for.
  if (sandbox && !inputs.progress.stoppedSandboxes.has(sandbox.id)) {
    return retryable(inputs, [{ kind: "stop-sandbox", id: sandbox.id }]);
  }
  const skipped = inputs.progress.skippedAttempts.get("sandbox") ?? 0;
  return retryable(inputs, [{ kind: "create-sandbox", attempt: (sandbox ? sandbox.attempt + 1 : 0) + skipped }]);
}

/** kubelet: its syncFrequency. */
const volumesFreshForMs = 60_000;

/** Files from the API follow it: every minute, and at once what shows the pod's own labels and annotations. */
function refreshVolumes(inputs: PodInputs): PodPlan {
  const { pod, progress, steadyMs } = inputs;
  const { volumesReady, volumesFresh } = progress;
  if (!volumesReady || !volumesFresh || !(pod.spec.volumes ?? []).some(isFromApi)) return nothing;
  const { labels, annotations } = volumesFresh.metadata;
  const renamed = !equalJson([labels, annotations], [pod.metadata.labels, pod.metadata.annotations]);
  const dueMs = volumesFresh.atMs + volumesFreshForMs;
  if (!renamed && steadyMs < dueMs) return { actions: [], wakeAtMs: dueMs };
  return retryable(inputs, [{ kind: "refresh-volumes" }]);
}

const hasLive = (inputs: PodInputs, sandboxId: string | undefined): boolean =>
  inputs.observed.containers.some((c) => c.sandboxId === sandboxId && c.state !== "exited");

/**
 * Containers outside the newest ready sandbox end, surplus sandboxes are stopped, and one whose containers are
 * all removed goes too. An old sandbox stays while it holds the last run of a container (lastState, logs).
 */
function retireSandboxes(inputs: PodInputs, newest: ObservedSandbox | undefined): PodPlan {
  const keepId = newest?.state === "ready" ? newest.id : undefined;
  const strays = inputs.observed.containers.filter((c) => c.state !== "exited" && c.sandboxId !== keepId);
  if (strays.length > 0)
    return retryable(
      inputs,
      strays.map((c) => endContainer(c, podGrace(inputs.pod))),
    );
  const old = inputs.observed.sandboxes.filter((s) => s.id !== newest?.id);
  const actions = old.flatMap((s): PodAction[] => {
    if (!inputs.progress.stoppedSandboxes.has(s.id)) return [{ kind: "stop-sandbox", id: s.id }];
    const empty = !inputs.observed.containers.some((c) => c.sandboxId === s.id);
    return empty ? [{ kind: "remove-sandbox", id: s.id }] : [];
  });
  return retryable(inputs, actions);
}

/** Walks the containers in order. Only one is on its way to running at a time; only one image is pulled at a time. */
function runContainers(inputs: PodInputs, sandbox: ObservedSandbox | undefined): PodPlan {
  const walk = new ContainerWalk(inputs, sandbox);
  for (const container of dueContainers(inputs, sandbox)) walk.visit(container);
  for (const container of inputs.pod.spec.ephemeralContainers ?? []) walk.visit(container);
  return walk.plan();
}

/**
 * The containers whose turn has come, in the order of the spec. An init container that has not yet succeeded in this
 * sandbox holds back all behind it, and a sidecar does until it has started once. Both are passed for good when
 * something behind them was made. kubelet: computeInitContainerActions (pkg/kubelet/kuberuntime).
 */
function dueContainers(inputs: PodInputs, sandbox: ObservedSandbox | undefined): readonly Container[] {
  const { initContainers = [], containers } = inputs.pod.spec;
  const here = sandbox ? inputs.observed.containers.filter((c) => c.sandboxId === sandbox.id) : [];
  const isMade = ({ name }: Container) => here.some((c) => c.name === name);
  const due: Container[] = [];
  for (const [index, container] of initContainers.entries()) {
    const passed = [...initContainers.slice(index + 1), ...containers].some(isMade);
    const runs = here.filter((c) => c.name === container.name);
    if (isSidecar(container)) {
      due.push(container);
      if (!passed && !runs.some((run) => hasStarted(inputs, container, run))) return due;
    } else if (!passed && !runs.some((run) => run.state === "exited" && run.exitCode === 0)) {
      return [...due, container];
    }
  }
  return [...due, ...containers];
}

class ContainerWalk {
  readonly #inputs: PodInputs;
  readonly #sandbox: ObservedSandbox | undefined;
  readonly #actions: PodAction[] = [];
  readonly #waits: (number | undefined)[] = [];
  #starting = false;
  #pulling = false;

  constructor(inputs: PodInputs, sandbox: ObservedSandbox | undefined) {
    this.#inputs = inputs;
    this.#sandbox = sandbox;
  }

  plan(): PodPlan {
    return { actions: this.#actions, wakeAtMs: earliest(this.#waits) };
  }

  visit(container: Container): void {
    const last = runsOf(this.#inputs.observed, container.name)[0];
    const here = last?.sandboxId === this.#sandbox?.id && this.#sandbox !== undefined;
    if (last && here && last.state !== "exited") {
      this.#advance(container, last);
      return;
    }
    if (last?.state === "exited") {
      // An init container that succeeded in an earlier sandbox runs again in this one.
      const isInit = roleOf(this.#inputs.pod, container.name) === "init";
      const again = isInit || shouldRestart(this.#inputs.pod, last);
      if (!again || this.#waitsFor(restartAtMs(last), isInit && last.exitCode === 0)) return;
    }
    this.#begin(container, last);
  }

  /** A created or running container: start it, run its hook, probe it, or end it. */
  #advance(container: Container, run: ObservedContainer): void {
    const kill = killMessage(this.#inputs, container, run);
    if (kill) {
      this.#add(run.state === "created" ? endContainer(run, 0) : stopContainer(run, kill.graceSeconds, kill.message));
    } else if (run.state === "created") {
      const mayStart = !this.#starting && this.#inputs.progress.volumesReady;
      if (mayStart) this.#add({ kind: "start-container", container: container.name, id: run.id });
      this.#starting = true;
    } else if (hasPostStart(container) && !this.#inputs.progress.postStart.has(run.id)) {
      this.#add({ kind: "run-post-start", container: container.name, id: run.id });
      this.#starting = true;
    } else if (container.startupProbe ?? container.readinessProbe ?? container.livenessProbe) {
      this.#actions.push({ kind: "probe", container: container.name, id: run.id });
    }
  }

  /** No run yet, or the next one: its image, then the container itself. */
  #begin(container: Container, last: ObservedContainer | undefined): void {
    const failedUntilMs = this.#inputs.progress.failures.get(`container:${container.name}`)?.retryAtMs ?? 0;
    if (this.#waitsFor(failedUntilMs, false)) return;
    const image = this.#inputs.progress.images.get(container.name);
    if (image?.kind === "failed" && this.#waitsFor(image.retryAtMs, false)) return;
    if (image?.kind !== "ready") {
      if (!this.#pulling) this.#add({ kind: "pull-image", container: container.name });
      this.#pulling = true;
    } else if (this.#sandbox && this.#inputs.progress.volumesReady && !this.#starting) {
      const skipped = this.#inputs.progress.skippedAttempts.get(`container:${container.name}`) ?? 0;
      const attempt = (last ? last.attempt + 1 : 0) + skipped;
      const restartCount = last ? last.restartCount + 1 : 0;
      const { id: sandboxId } = this.#sandbox;
      const backOffMs = nextBackOffMs(last);
      this.#actions.push({
        kind: "create-container",
        container: container.name,
        attempt,
        sandboxId,
        imageRef: image.imageRef,
        restartCount,
        backOffMs,
      });
    }
    this.#starting = true;
  }

  #waitsFor(untilMs: number, skip: boolean): boolean {
    if (skip || untilMs <= this.#inputs.steadyMs) return false;
    this.#waits.push(untilMs);
    return true;
  }

  #add(action: PodAction): void {
    const plan = retryable(this.#inputs, [action]);
    this.#actions.push(...plan.actions);
    this.#waits.push(plan.wakeAtMs);
  }
}

interface Kill {
  readonly message: string;
  readonly graceSeconds: number;
}

/** Why a container that is here must end though its pod goes on. Texts: pkg/kubelet/kuberuntime/kuberuntime_manager.go. */
function killMessage(inputs: PodInputs, container: Container, run: ObservedContainer): Kill | undefined {
  const { name } = container;
  const graceSeconds = podGrace(inputs.pod);
  // An init container goes on as it began; what changed counts from its next run (kubelet: computeInitContainerActions).
  const isInit = roleOf(inputs.pod, name) === "init";
  if (!isInit && run.hash !== "" && run.hash !== containerHash(container)) {
    return { message: `Container ${name} definition changed, will be restarted`, graceSeconds };
  }
  if (run.state !== "running") return undefined;
  if (inputs.progress.postStart.get(run.id) === "failed") return { message: "FailedPostStartHook", graceSeconds };
  const verdicts = inputs.progress.verdicts.get(run.id);
  if (verdicts?.startup === false && container.startupProbe) {
    const probeGrace = container.startupProbe.terminationGracePeriodSeconds ?? graceSeconds;
    return { message: `Container ${name} failed startup probe, will be restarted`, graceSeconds: probeGrace };
  }
  if (verdicts?.liveness === false && container.livenessProbe) {
    const probeGrace = container.livenessProbe.terminationGracePeriodSeconds ?? graceSeconds;
    return { message: `Container ${name} failed liveness probe, will be restarted`, graceSeconds: probeGrace };
  }
  return undefined;
}

/** Of each container the newest run stays and the one before it, for `logs --previous`. */
function removeOldRuns(inputs: PodInputs): PodPlan {
  if (isCreating(inputs.inFlight)) return nothing;
  const names = new Set(inputs.observed.containers.map((c) => c.name));
  const old = [...names].flatMap((name) => runsOf(inputs.observed, name).slice(2));
  const removable = old.filter((c) => c.state === "exited" && !c.lost);
  return retryable(
    inputs,
    removable.map((c) => ({ kind: "remove-container", container: c.name, id: c.id })),
  );
}

const nothing: PodPlan = { actions: [], wakeAtMs: undefined };
