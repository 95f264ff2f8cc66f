import { allVerbs, defineResource, proxySubresource, statusSubresource } from "../../define-resource.ts";
import { equalJson } from "../../json.ts";
import { checkChoice, checkFormat } from "../../validation/check-text.ts";
import { duplicate, type FieldError, forbidden, invalid } from "../../validation/field-error.ts";
import { dnsSubdomainProblems, labelValueProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import { cidrProblems, familyOf } from "../../validation/ip-addresses.ts";
import { validateResourceAmount } from "../../validation/resource-names.ts";
import { nodeColumns } from "./columns.ts";
import { type Node, type NodeSpec, nodeSchema, type Taint } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateNode, ValidateNodeUpdate, validateNodeTaints

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function validateTaint(taint: Taint, field: string): FieldError[] {
  const { key, value = "", effect } = taint;
  const errors = checkFormat(`${field}.key`, key, qualifiedNameProblems);
  const valueProblems = labelValueProblems(value);
  if (valueProblems.length > 0) errors.push(invalid(`${field}.value`, value, valueProblems.join(";")));
  return [...errors, ...checkChoice(`${field}.effect`, effect, effects)];
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

function validateAmounts({ status = {} }: Node): FieldError[] {
  return (["capacity", "allocatable"] as const).flatMap((name) =>
    Object.entries(status[name] ?? {}).flatMap(([resource, amount]) =>
      validateResourceAmount(resource, amount, `status.${name}.${resource}`),
    ),
  );
}

function validatePodRanges({ spec }: Node): FieldError[] {
  const ranges = spec?.podCIDRs ?? [];
  const field = "spec.podCIDRs";
  const families = ranges.map((range) => familyOf(range.split("/")[0] ?? ""));
  return [
    ...ranges.flatMap((range, index) => cidrProblems(range).map((one) => invalid(`${field}[${index}]`, range, one))),
    ...(new Set(families).size < ranges.length
      ? [invalid(field, ranges, "may specify no more than one CIDR for each IP family")]
      : []),
    ...ranges.flatMap((range, index) =>
      ranges.indexOf(range) < index ? [duplicate(`${field}[${index}]`, range)] : [],
    ),
  ];
}

function validateNode(node: Node): FieldError[] {
  return [
    // Kubernetes names them so, though they are in the spec.
    ...validateTaints(node.spec?.taints, "metadata.taints"),
    ...validateAmounts(node),
    ...validatePodRanges(node),
  ];
}

function validateAddresses({ status }: Node): FieldError[] {
  const seen = new Set<string>();
  return (status?.addresses ?? []).flatMap((address, index) => {
    const key = `${address.type} ${address.address}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [duplicate(`status.addresses[${index}]`, address)] : [];
  });
}

function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  const errors = validateAddresses(next);
  const ranges = previous.spec?.podCIDRs ?? [];
  if (ranges.length > 0 && !equalJson(ranges, next.spec?.podCIDRs)) {
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  }
  const provider = previous.spec?.providerID ?? "";
  if (provider !== "" && provider !== next.spec?.providerID) {
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  if (!equalJson(next.spec?.externalID, previous.spec?.externalID)) {
    errors.push(forbidden("spec.externalID", "may not be updated"));
  }
  return errors;
}

/** Older clients know one range, newer ones both fields: pkg/apis/core/v1/conversion.go Convert_v1_NodeSpec_To_core_NodeSpec. */
function alignPodRanges(spec: NodeSpec): NodeSpec {
  const { podCIDR, podCIDRs = [] } = spec;
  if (podCIDR !== undefined && podCIDR !== podCIDRs[0]) return { ...spec, podCIDRs: [podCIDR] };
  return podCIDRs[0] === undefined ? spec : { ...spec, podCIDR: podCIDRs[0] };
}

function defaultNode(node: Node): Node {
  const { spec, status } = node;
  // pkg/apis/core/v1/defaults.go SetDefaults_NodeStatus
  const offersAll = status?.capacity !== undefined && status.allocatable === undefined;
  return {
    ...node,
    ...(spec === undefined ? {} : { spec: alignPodRanges(spec) }),
    ...(offersAll ? { status: { ...status, allocatable: { ...status.capacity } } } : {}),
  };
}

export const nodes = defineResource<Node>({
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  namespaced: false,
  verbs: allVerbs,
  subresources: [{ ...proxySubresource, kind: "NodeProxyOptions" }, statusSubresource],
  schema: nodeSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: defaultNode,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatus: (next, previous) => [...validateNode(next), ...validateNodeUpdate(next, previous)],
  // A node registers itself with its status, as the kubelet does.
  initialStatus: (node) => node.status,
  selectableFields: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
  columns: nodeColumns,
});
