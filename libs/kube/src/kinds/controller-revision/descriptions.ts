import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const controllerRevisionDescriptions: TypeDescriptions = {
  "io.k8s.api.apps.v1.ControllerRevision": {
    data: "The state itself; cannot be changed.",
    revision: "Which state, counted up.",
  },
};
