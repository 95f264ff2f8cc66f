import { decideRunning } from "./decide-running.ts";
import { decideStopped } from "./decide-stopped.ts";
import { withLostContainers } from "./lost-containers.ts";
import { podGoal } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import type { PodPlan } from "./pod-plan.ts";

/**
 * Everything that should be going on for a pod now. Pure; called again after every change of its inputs.
 * The order of a start: volumes → sandbox → init containers one after the other → app containers in order;
 * the first pull goes on beside volumes and sandbox.
 */
export function decidePod(inputs: PodInputs): PodPlan {
  const complete = { ...inputs, observed: withLostContainers(inputs.pod, inputs.observed) };
  const goal = podGoal(complete);
  return goal.kind === "run" ? decideRunning(complete, goal.untilMs) : decideStopped(complete, goal);
}
