import { allVerbs, defineResource, statusSubresource } from "../../define-resource.ts";
import { equalJson } from "../../json.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../validation/field-error.ts";
import { dnsSubdomainProblems, labelValueProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import { nodeColumns } from "./columns.ts";
import { type Node, nodeSchema, type Taint } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateNode, validateNodeTaints

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function validateTaint(taint: Taint, field: string): FieldError[] {
  const { key, value = "", effect } = taint;
  const errors = [
    ...qualifiedNameProblems(key).map((problem) => invalid(`${field}.key`, key, problem)),
    ...labelValueProblems(value).map((problem) => invalid(`${field}.value`, value, problem)),
  ];
  if (effect === "") errors.push(required(`${field}.effect`));
  else if (!effects.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, effects));
  return errors;
}

function validateTaints(taints: readonly Taint[] | undefined, field: string): FieldError[] {
  const seen = new Set<string>();
  return (taints ?? []).flatMap((taint, index) => {
    const at = `${field}[${index}]`;
    const pair = `${taint.key}:${taint.effect}`;
    const errors = validateTaint(taint, at);
    if (seen.has(pair)) {
      const problem = "taints must be unique by key and effect pair";
      errors.push({ ...duplicate(at, taint), message: `${duplicate(at, taint).message}: ${problem}` });
    }
    seen.add(pair);
    return errors;
  });
}

function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  const errors: FieldError[] = [];
  const once = (name: "providerID" | "podCIDR", problem: string) => {
    const before = previous.spec?.[name] ?? "";
    if (before !== "" && before !== (next.spec?.[name] ?? "")) errors.push(forbidden(`spec.${name}`, problem));
  };
  once("providerID", 'node updates may not change providerID except from "" to valid');
  once("podCIDR", 'node updates may not change podCIDR except from "" to valid');
  if (!equalJson(next.spec?.externalID, previous.spec?.externalID)) {
    errors.push(forbidden("spec.externalID", "may not be updated"));
  }
  return errors;
}

export const nodes = defineResource<Node>({
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  namespaced: false,
  verbs: allVerbs,
  subresources: [statusSubresource],
  schema: nodeSchema,
  nameProblems: dnsSubdomainProblems,
  // pkg/apis/core/v1/defaults.go SetDefaults_NodeStatus
  defaults: (node) =>
    node.status?.capacity === undefined || node.status.allocatable !== undefined
      ? node
      : { ...node, status: { ...node.status, allocatable: { ...node.status.capacity } } },
  validate: (node) => validateTaints(node.spec?.taints, "spec.taints"),
  validateUpdate: validateNodeUpdate,
  // A node registers itself with its status, as the kubelet does.
  initialStatus: (node) => node.status,
  selectableFields: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
  columns: nodeColumns,
});
