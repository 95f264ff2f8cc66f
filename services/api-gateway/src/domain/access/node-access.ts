import { namespaces, type Pod, type PolicyRule, podReferences } from "@podbus/kube";
import { nodeOf, type User } from "../user.ts";
import type { AccessAttributes, ResourceAccess } from "./attributes.ts";
import type { AccessDecision } from "./authorize.ts";
import { nodeRules } from "./bootstrap-policy.ts";
import { ruleAllows } from "./policy-rules.ts";

/** What a node's rights depend on. */
export interface NodeObjects {
  /** The pods that are bound to a node, in one namespace. */
  podsOn(node: string, namespace: string): Iterable<Pod>;
}

const allowed: AccessDecision = { allowed: true, reason: "" };
const noOpinion = (reason = ""): AccessDecision => ({ allowed: false, reason });
const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/**
 * A node's identity reaches itself, its lease, the pods bound to it, and what these name. What it may write of them is
 * decided with the content: node-restriction.ts. (plugin/pkg/auth/authorizer/node/node_authorizer.go, but for mirror pods,
 * which there are none of.) Undefined for whoever is no node.
 */
export function decideNodeAccess(
  user: User,
  wanted: AccessAttributes,
  objects: NodeObjects,
): AccessDecision | undefined {
  const node = nodeOf(user);
  if (node === undefined || wanted.kind !== "resource") return undefined;
  switch (`${wanted.resource}.${wanted.group}`) {
    case "nodes.":
      return decideNode(node, wanted);
    case "leases.coordination.k8s.io":
      return decideLease(node, wanted);
    case "pods.":
      return decidePod(node, wanted, objects);
    case "secrets.":
      return decideDependency(node, wanted, (pod) => podReferences(pod, "secrets").has(wanted.name), objects);
    case "configmaps.":
      return decideDependency(node, wanted, (pod) => podReferences(pod, "configmaps").has(wanted.name), objects);
    case "serviceaccounts.":
      return decideAccount(node, wanted, objects);
    default:
      return nodeRules.some((rule: PolicyRule) => ruleAllows(rule, wanted)) ? allowed : noOpinion();
  }
}

/** Which Node is created, only its content tells. */
function decideNode(node: string, { verb, subresource, name }: ResourceAccess): AccessDecision {
  if (subresource === "status") return (verb === "update" || verb === "patch") && name === node ? allowed : noOpinion();
  if (subresource !== "") return noOpinion();
  if (verb === "create" || ((verb === "update" || verb === "patch") && name === node)) return allowed;
  if (!reads.has(verb)) return noOpinion();
  if (name === node) return allowed;
  return noOpinion(
    name === ""
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`,
  );
}

const leaseVerbs: ReadonlySet<string> = new Set(["get", "create", "update", "patch", "delete"]);

function decideLease(node: string, { verb, namespace, name }: ResourceAccess): AccessDecision {
  if (!leaseVerbs.has(verb)) return noOpinion("can only get, create, update, patch, or delete a node lease");
  if (namespace !== namespaces.nodeLease) {
    return noOpinion(`can only access leases in the ${JSON.stringify(namespaces.nodeLease)} system namespace`);
  }
  // Which lease is created, only its content tells.
  if (verb === "create" || name === node) return allowed;
  return noOpinion("can only access node lease with the same name as the requesting node");
}

function unrelated(node: string): AccessDecision {
  return noOpinion(`no relationship found between node '${node}' and this object`);
}

const podVerbs: Readonly<Record<string, readonly string[]>> = {
  "": ["get", "list", "watch", "delete"],
  status: ["get", "update", "patch"],
  eviction: ["create"],
};

function decidePod(node: string, wanted: ResourceAccess, objects: NodeObjects): AccessDecision {
  const { verb, subresource, name } = wanted;
  if (!Object.hasOwn(podVerbs, subresource) || !podVerbs[subresource]?.includes(verb)) return noOpinion();
  const lists = verb === "list" || verb === "watch";
  if (lists && wanted.fields?.["spec.nodeName"] === node) return allowed;
  if (name !== "") return some(node, wanted, ({ metadata }) => metadata.name === name, objects);
  return noOpinion(lists ? "can only list/watch pods with spec.nodeName field selector" : "No Object name found");
}

type Relation = (pod: Pod) => boolean;

function decideDependency(
  node: string,
  wanted: ResourceAccess,
  relates: Relation,
  objects: NodeObjects,
): AccessDecision {
  if (!reads.has(wanted.verb)) return noOpinion("can only read resources of this type");
  if (wanted.subresource !== "") return noOpinion("cannot read subresource");
  if (wanted.namespace === "") return noOpinion("can only read namespaced object of this type");
  if (wanted.name === "") return noOpinion("No Object name found");
  return some(node, wanted, relates, objects);
}

/** It reads the accounts of its pods, and makes tokens of them. */
function decideAccount(node: string, wanted: ResourceAccess, objects: NodeObjects): AccessDecision {
  const relates: Relation = ({ spec }) => spec.serviceAccountName === wanted.name;
  if (wanted.verb !== "create") return decideDependency(node, wanted, relates, objects);
  if (wanted.subresource !== "token") return noOpinion("can only create token subresource of serviceaccount");
  return some(node, wanted, relates, objects);
}

function some(node: string, { namespace }: ResourceAccess, relates: Relation, objects: NodeObjects): AccessDecision {
  for (const pod of objects.podsOn(node, namespace)) if (relates(pod)) return allowed;
  return unrelated(node);
}
