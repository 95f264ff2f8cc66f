import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { invalid } from "../../validation/field-error.ts";
import { dnsLabelProblems, dnsSubdomainProblems } from "../../validation/formats.ts";
import { immutable, validateLabels } from "../../validation/object-meta.ts";
import { validateResources } from "../pod/validate-resources.ts";
import { validateTolerations } from "../pod/validate-scheduling.ts";
import { type RuntimeClass, runtimeClassSchema } from "./schema.ts";

// pkg/apis/node/validation/validation.go

export const runtimeClasses = defineResource<RuntimeClass>({
  group: "node.k8s.io",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  namespaced: false,
  schema: runtimeClassSchema,
  nameProblems: dnsSubdomainProblems,
  validate: ({ handler, overhead, scheduling }) => [
    ...dnsLabelProblems(handler).map((problem) => invalid("handler", handler, problem)),
    ...validateResources(overhead?.podFixed === undefined ? undefined : { limits: overhead.podFixed }, "overhead"),
    ...validateLabels(scheduling?.nodeSelector, "scheduling.nodeSelector"),
    ...validateTolerations(scheduling?.tolerations, "scheduling.tolerations"),
  ],
  validateUpdate: (next, previous) => immutable("handler", next.handler, previous.handler),
  columns: [
    nameColumn,
    {
      name: "Handler",
      type: "string",
      description: "The runtime's name for this way of running.",
      cell: ({ handler }) => handler,
    },
    ageColumn,
  ],
});
