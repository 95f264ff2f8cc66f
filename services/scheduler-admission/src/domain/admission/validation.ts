import { statusInvalid } from "@podbus/kube";
import { type AdmissionRequest, type AdmissionStep, admit, refuse, shownName } from "./admission-step.ts";

/** The rules of the kind, on what all mutating steps have made of it. */
export const validation: AdmissionStep = {
  name: "Validation",
  appliesTo: () => true,
  review(request) {
    const errors = errorsOf(request);
    return errors.length === 0
      ? admit(request.object)
      : refuse(statusInvalid(request.resource, shownName(request), errors));
  },
};

function errorsOf({ resource, subresource, object, oldObject }: AdmissionRequest) {
  if (!oldObject) return resource.validate(object);
  if (subresource === "status") return resource.validateStatusUpdate(object, oldObject);
  const special = resource.subresources.find(({ name }) => name === subresource)?.update;
  return special ? special.validate(object, oldObject) : resource.validateUpdate(object, oldObject);
}
