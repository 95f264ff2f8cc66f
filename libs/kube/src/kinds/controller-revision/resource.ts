import { defineResource } from "../../define-resource.ts";
import { ageColumn, nameColumn, orNone } from "../../table/columns.ts";
import { required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { immutable } from "../../validation/object-meta.ts";
import { type ControllerRevision, controllerRevisionSchema } from "./schema.ts";

/** "statefulset.apps/web" */
function controllerOf({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return orNone(undefined);
  const [group = ""] = owner.apiVersion.includes("/") ? owner.apiVersion.split("/") : [];
  const kind = owner.kind.toLowerCase();
  return `${group === "" ? kind : `${kind}.${group}`}/${owner.name}`;
}

export const controllerRevisions = defineResource<ControllerRevision>({
  group: "apps",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  namespaced: true,
  schema: controllerRevisionSchema,
  nameProblems: dnsSubdomainProblems,
  // pkg/apis/apps/validation/validation.go ValidateControllerRevision, ValidateControllerRevisionUpdate
  validate: ({ data, revision }) => [
    ...(data === undefined ? [required("data", "data is mandatory")] : []),
    ...validateNotNegative(revision, "revision"),
  ],
  validateUpdate: (next, previous) => immutable("data", next.data, previous.data),
  columns: [
    nameColumn,
    { name: "Controller", type: "string", description: "Whose state it was.", cell: controllerOf },
    { name: "Revision", type: "string", description: "Which state, counted up.", cell: ({ revision }) => revision },
    ageColumn,
  ],
});
