import { type Pod, statusForbidden } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation, refuse, shownName } from "./admission-step.ts";

/** The classes that every cluster has: pkg/apis/scheduling/types.go SystemCriticalPriority and above. */
const builtIn: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);

/**
 * Resolves priorityClassName to a number; 0 without one. PriorityClass objects are not served yet, so only the built-in
 * classes exist. Kubernetes: plugin/pkg/admission/priority/admission.go.
 */
export const priority: AdmissionStep = {
  name: "Priority",
  appliesTo: isPodCreation,
  review(request) {
    const pod = request.object as Pod;
    const className = pod.spec.priorityClassName ?? "";
    const value = className === "" ? 0 : builtIn.get(className);
    const forbid = (problem: string) => refuse(statusForbidden(request.resource, shownName(request), problem));
    if (value === undefined) return forbid(`no PriorityClass with name ${className} was found`);
    if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
      return forbid(
        `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    const preemptionPolicy = pod.spec.preemptionPolicy ?? "PreemptLowerPriority";
    return admit({ ...pod, spec: { ...pod.spec, priority: value, preemptionPolicy } } as Pod);
  },
};
