import { conditionFields, type TypeDescriptions } from "../../schema/descriptions.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const namespaceDescriptions: TypeDescriptions = {
  [core("Namespace")]: { spec: "What is wanted.", status: "What is." },
  [core("NamespaceSpec")]: {
    "": "What must be done before a namespace goes.",
    finalizers: "Who must be done before the namespace is removed.",
  },
  [core("NamespaceStatus")]: {
    "": "Where a namespace is in its life.",
    phase: "Active, or Terminating once it has been deleted.",
    conditions: "Why it is not gone yet.",
  },
  [core("NamespaceCondition")]: { "": "One aspect of the removal of a namespace.", ...conditionFields },
};
