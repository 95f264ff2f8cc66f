import type { ObservedContainer } from "./observed-pod.ts";

/**
 * One thing to do for a pod. A plan names everything that should be going on now: what is not running yet is
 * started, what runs and is still named goes on, what runs and is no longer named is cancelled where that is
 * possible (pulls, hooks, probes, stops).
 */
export type PodAction =
  | { readonly kind: "ensure-volumes" }
  | { readonly kind: "refresh-volumes" }
  | { readonly kind: "create-sandbox"; readonly attempt: number }
  | { readonly kind: "pull-image"; readonly container: string }
  | ({ readonly kind: "create-container"; readonly container: string; readonly attempt: number } & CreateDetails)
  | { readonly kind: "start-container"; readonly container: string; readonly id: string }
  | { readonly kind: "run-post-start"; readonly container: string; readonly id: string }
  | { readonly kind: "probe"; readonly container: string; readonly id: string }
  | StopContainerAction
  | { readonly kind: "remove-container"; readonly container: string; readonly id: string }
  | { readonly kind: "stop-sandbox"; readonly id: string }
  | { readonly kind: "remove-sandbox"; readonly id: string }
  | { readonly kind: "clean-up" }
  | { readonly kind: "finish-deletion" };

interface CreateDetails {
  readonly sandboxId: string;
  readonly imageRef: string;
  readonly restartCount: number;
  readonly backOffMs: number;
}

export interface StopContainerAction {
  readonly kind: "stop-container";
  readonly container: string;
  readonly id: string;
  readonly graceSeconds: number;
  /** Whether its preStop hook runs first. */
  readonly preStop: boolean;
  /** The Killing event's text. */
  readonly message: string;
}

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** When to decide again though nothing else happens, Unix milliseconds. */
  readonly wakeAtMs: number | undefined;
}

/** Identity of an action: two with one key are the same work. */
export function actionKey(action: PodAction): string {
  switch (action.kind) {
    case "ensure-volumes":
    case "refresh-volumes":
    case "clean-up":
    case "finish-deletion":
      return action.kind;
    case "create-sandbox":
      return `create-sandbox:${action.attempt}`;
    case "pull-image":
      return `pull-image:${action.container}`;
    case "create-container":
      return `create-container:${action.container}:${action.attempt}`;
    case "stop-container":
      return `stop-container:${action.id}:${action.graceSeconds}`;
    default:
      return `${action.kind}:${action.id}`;
  }
}

/** Work whose result the runtime may keep although nobody waits for it: it is never cancelled, only awaited. */
export function mustFinish(key: string): boolean {
  return /^(create-sandbox|create-container|start-container|stop-sandbox|remove-|clean-up|finish-deletion)/.test(key);
}

/** Whether something that may still bring a container or a sandbox into being runs now. */
export function isCreating(inFlight: ReadonlySet<string>): boolean {
  return [...inFlight].some((key) => /^(create-sandbox|create-container|start-container|ensure-volumes)/.test(key));
}

/** The lane in which an action's failures are counted and its back-off is kept. */
export function failureLane(action: PodAction): string {
  switch (action.kind) {
    case "ensure-volumes":
      return "volumes";
    case "create-sandbox":
      return "sandbox";
    case "create-container":
    case "start-container":
      return `container:${action.container}`;
    default:
      return actionKey(action);
  }
}

export const isRunning = (run: ObservedContainer): boolean => run.state === "running";
