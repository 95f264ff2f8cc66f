import type { PodAction } from "../domain/pod-plan.ts";
import type { PodTask } from "./pod-task.ts";
import { cleanUp } from "./steps/clean-up.ts";
import { createContainer } from "./steps/create-container.ts";
import { createSandbox } from "./steps/create-sandbox.ts";
import { removeSandbox, stopSandbox } from "./steps/end-sandbox.ts";
import { ensureVolumes, refreshVolumes } from "./steps/ensure-volumes.ts";
import { finishDeletion } from "./steps/finish-deletion.ts";
import { pullImage } from "./steps/pull-image.ts";
import { removeContainer } from "./steps/remove-container.ts";
import { runPostStart } from "./steps/run-hook.ts";
import { runProbes } from "./steps/run-probes.ts";
import { startContainer } from "./steps/start-container.ts";
import { stopContainer } from "./steps/stop-container.ts";

/** The names of the steps in logs: what operators look for and tests break off at. */
const stepNames: Readonly<Record<PodAction["kind"], string>> = {
  "ensure-volumes": "volumes",
  "refresh-volumes": "refresh volumes",
  "create-sandbox": "sandbox",
  "pull-image": "pull",
  "create-container": "create",
  "start-container": "start",
  "run-post-start": "hook",
  probe: "probes",
  "stop-container": "stop",
  "remove-container": "remove",
  "stop-sandbox": "stop sandbox",
  "remove-sandbox": "remove sandbox",
  "clean-up": "clean-up",
  "finish-deletion": "finish",
};

/** Does one action of a plan, and says so in the log. */
export async function runAction(task: PodTask, action: PodAction): Promise<void> {
  const { ref, services } = task;
  const container = "container" in action ? { container: action.container } : {};
  const line = { step: stepNames[action.kind], pod: `${ref.namespace}/${ref.name}`, ...container };
  services.log.info({ ...line, phase: "begin" }, action.kind);
  try {
    await stepOf(task, action);
  } finally {
    services.log.info({ ...line, phase: "end" }, action.kind);
  }
}

function stepOf(task: PodTask, action: PodAction): Promise<void> {
  switch (action.kind) {
    case "ensure-volumes":
      return ensureVolumes(task);
    case "refresh-volumes":
      return refreshVolumes(task);
    case "create-sandbox":
      return createSandbox(task, action);
    case "pull-image":
      return pullImage(task, action);
    case "create-container":
      return createContainer(task, action);
    case "start-container":
      return startContainer(task, action);
    case "run-post-start":
      return runPostStart(task, action);
    case "probe":
      return runProbes(task, action);
    case "stop-container":
      return stopContainer(task, action);
    case "remove-container":
      return removeContainer(task, action);
    case "stop-sandbox":
      return stopSandbox(task, action);
    case "remove-sandbox":
      return removeSandbox(task, action);
    case "clean-up":
      return cleanUp(task);
    case "finish-deletion":
      return finishDeletion(task);
  }
}
