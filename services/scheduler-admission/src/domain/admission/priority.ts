import { type Pod, type PriorityClass, priorityClasses, statusForbidden } from "@podbus/kube";
import {
  type AdmissionLookup,
  type AdmissionRequest,
  type AdmissionStep,
  type AdmissionVerdict,
  admit,
  refuse,
  shownName,
} from "./admission-step.ts";

// plugin/pkg/admission/priority/admission.go

const stored = priorityClasses.storageResource;

/**
 * Resolves priorityClassName, or the default class, to a number, which a pod keeps; and sees to it that there is one
 * default class.
 */
export const priority: AdmissionStep = {
  name: "Priority",
  appliesTo: ({ resource, subresource }) =>
    subresource === "" && (resource.storageResource === "pods" || resource.storageResource === stored),
  review(request, lookup) {
    if (request.resource.storageResource === stored) return reviewClass(request, lookup);
    return request.oldObject ? keepPriority(request.object as Pod, request.oldObject as Pod) : review(request, lookup);
  },
};

const forbid = (request: AdmissionRequest, problem: string) =>
  refuse(statusForbidden(request.resource, shownName(request), problem));

/** Several default classes are a race's doing: the one that matters least counts. */
function defaultClass(lookup: AdmissionLookup): PriorityClass | undefined {
  const defaults = lookup.list<PriorityClass>(stored).filter(({ globalDefault }) => globalDefault === true);
  return defaults.toSorted((a, b) => a.value - b.value)[0];
}

function review(request: AdmissionRequest, lookup: AdmissionLookup): AdmissionVerdict {
  const pod = request.object as Pod;
  const { priorityClassName: named = "", priority: given, preemptionPolicy: givenPolicy } = pod.spec;
  const found = named === "" ? defaultClass(lookup) : lookup.get<PriorityClass>(stored, "", named);
  if (named !== "" && !found) return forbid(request, `no PriorityClass with name ${named} was found`);
  const value = found?.value ?? 0;
  const preemptionPolicy = found?.preemptionPolicy ?? "PreemptLowerPriority";
  if (given !== undefined && given !== value) {
    const problem = `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    return forbid(request, problem);
  }
  if (givenPolicy !== undefined && givenPolicy !== preemptionPolicy) {
    const problem = `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
    return forbid(request, problem);
  }
  const className = found ? { priorityClassName: found.metadata.name } : {};
  return admit({ ...pod, spec: { ...pod.spec, ...className, priority: value, preemptionPolicy } } as Pod);
}

/** Whoever replaces a pod need not repeat what was resolved. */
function keepPriority(pod: Pod, { spec: before }: Pod): AdmissionVerdict {
  const kept = {
    ...(before.priority === undefined ? {} : { priority: before.priority }),
    ...(before.preemptionPolicy === undefined ? {} : { preemptionPolicy: before.preemptionPolicy }),
  };
  return admit({ ...pod, spec: { ...kept, ...pod.spec } } as Pod);
}

function reviewClass(request: AdmissionRequest, lookup: AdmissionLookup): AdmissionVerdict {
  const { object } = request;
  const current = (object as PriorityClass).globalDefault === true ? defaultClass(lookup)?.metadata.name : undefined;
  if (current === undefined || (request.operation === "update" && current === object.metadata.name)) {
    return admit(object);
  }
  return forbid(request, `PriorityClass ${current} is already marked as default. Only one default can exist`);
}
