import { type AdmissionStep, admit } from "./admission-step.ts";

/** Fills in what the user left out (the image pull policy too), on updates as well: a replaced object has gaps again. */
export const applyDefaults: AdmissionStep = {
  name: "Defaults",
  appliesTo: ({ subresource }) => subresource === "",
  review: ({ resource, object }) => admit(resource.defaults(object)),
};
