import type { PodRef } from "@podbus/contracts";
import { refuse, requireContainer } from "../domain/log-target.ts";
import { newestSandbox, runsOf } from "../domain/observed-pod.ts";
import { type HandlerDeps, requirePod } from "./running-pod.ts";

/** A command in a container, or (attach) the container's own process. */
export interface ContainerSessionRequest {
  readonly containerName: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  readonly attach: boolean;
}

/** Where the runtime waits for the streams of a session with a running container. */
export async function containerSessionUrl(
  deps: HandlerDeps,
  pod: PodRef | undefined,
  { containerName, command, attach, ...streams }: ContainerSessionRequest,
  signal: AbortSignal,
): Promise<string> {
  const containerId = runningContainer(deps, pod, containerName);
  const { runtime } = deps.services.cri;
  const { stdin, stdout, stderr, tty } = streams;
  // A terminal has one output.
  const asked = { containerId, stdin, stdout, stderr: stderr && !tty, tty };
  if (attach) return (await runtime.attach(asked, { signal })).url;
  if (command.length === 0) return refuse("you must specify at least 1 command for the exec");
  return (await runtime.exec({ ...asked, cmd: [...command] }, { signal })).url;
}

function runningContainer(deps: HandlerDeps, ref: PodRef | undefined, name: string): string {
  const worker = requirePod(deps, ref);
  requireContainer(worker.pod, name);
  const [run] = runsOf(deps.services.runtime.observed(worker.ref.uid), name);
  if (run?.state === "running") return run.id;
  // kubelet: pkg/kubelet/server, "container not found".
  return refuse(`container not found ("${name}")`);
}

/** The pod's sandbox, which its network belongs to. */
export function runningSandbox(deps: HandlerDeps, ref: PodRef | undefined) {
  const worker = requirePod(deps, ref);
  const sandbox = newestSandbox(deps.services.runtime.observed(worker.ref.uid));
  if (sandbox?.state === "ready") return sandbox;
  return refuse(`pod "${worker.ref.name}" is not running`);
}
