import { type Pod, printFieldErrors, statusForbidden, unsupportedPodFeatures } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation, refuse, shownName } from "./admission-step.ts";

/** A pod that asks for what podbus cannot do yet is refused, rather than run without it. */
export const unsupportedFeatures: AdmissionStep = {
  name: "UnsupportedFeatures",
  appliesTo: isPodCreation,
  review(request) {
    const problems = unsupportedPodFeatures(request.object as Pod);
    if (problems.length === 0) return admit(request.object);
    return refuse(statusForbidden(request.resource, shownName(request), printFieldErrors(problems)));
  },
};
