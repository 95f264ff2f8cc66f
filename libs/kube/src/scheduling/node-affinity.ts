import type { NodeSelectorRequirement, NodeSelectorTerm } from "../kinds/pod/scheduling-schema.ts";
import type { Pod } from "../kinds/pod/schema.ts";

export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NodeRequirement {
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
  /** Undefined for none; an empty list matches no node. */
  readonly requiredTerms: readonly NodeSelectorTerm[] | undefined;
}

/** nodeSelector and required node affinity: what a node must be like. */
export function nodeRequirement({ spec }: Pod): NodeRequirement {
  return {
    nodeSelector: Object.entries(spec.nodeSelector ?? {}),
    requiredTerms: spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
  };
}

export function meetsRequirement({ nodeSelector, requiredTerms }: NodeRequirement, node: SelectableNode): boolean {
  const selected = nodeSelector.every(([key, value]) => node.labels[key] === value);
  return selected && (requiredTerms === undefined || requiredTerms.some((term) => matchesTerm(term, node)));
}

/**
 * One term: all its requirements hold. An empty term matches nothing.
 * Kubernetes: staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go.
 */
export function matchesTerm(term: NodeSelectorTerm, node: SelectableNode): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    expressions.every((requirement) => holds(requirement, node.labels[requirement.key])) &&
    fields.every((requirement) => holds(requirement, requirement.key === "metadata.name" ? node.name : undefined))
  );
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compare(value, values, (a, b) => a > b);
    case "Lt":
      return compare(value, values, (a, b) => a < b);
    default:
      return false;
  }
}

function compare(
  value: string | undefined,
  values: readonly string[],
  order: (a: bigint, b: bigint) => boolean,
): boolean {
  const left = integerOf(value);
  const right = integerOf(values[0]);
  return values.length === 1 && left !== undefined && right !== undefined && order(left, right);
}

const integerOf = (text: string | undefined) =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
