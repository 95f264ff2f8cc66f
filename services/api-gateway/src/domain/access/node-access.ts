import type { Pod } from "@podbus/kube";
import { type DependencyResource, podRefersTo } from "../pod-dependencies.ts";
import type { User } from "../user.ts";
import type { AccessAttributes, ResourceAccess } from "./attributes.ts";
import type { AccessDecision } from "./authorize.ts";

/** What a node's rights depend on. */
export interface NodeObjects {
  podsOf(node: string): readonly Pod[];
}

const prefix = "system:node:";
const group = "system:nodes";

/**
 * A node's identity reaches itself, its lease, the pods bound to it, and what these name (plugin/pkg/auth/authorizer/node).
 * Undefined for whoever is no node, and where RBAC may still say yes.
 */
export function nodeMay(user: User, wanted: AccessAttributes, objects: NodeObjects): AccessDecision | undefined {
  if (!user.name.startsWith(prefix) || !user.groups.includes(group) || wanted.kind !== "resource") return undefined;
  const node = user.name.slice(prefix.length);
  return mayReach(node, wanted, objects) ? { allowed: true, reason: `node ${node}: its own` } : undefined;
}

const reads = new Set(["get", "list", "watch"]);

function mayReach(node: string, wanted: ResourceAccess, objects: NodeObjects): boolean {
  const { group: apiGroup, resource, subresource, verb, namespace, name } = wanted;
  switch (`${resource}.${apiGroup}`) {
    case "nodes.":
      return name === node && ["get", "update", "patch"].includes(verb);
    case "leases.coordination.k8s.io":
      return namespace === "kube-node-lease" && name === node && verb !== "deletecollection";
    case "events.":
    case "events.events.k8s.io":
      return ["create", "update", "patch"].includes(verb);
    case "pods.":
      return mayTouchPod(wanted, objects.podsOf(node));
    case "secrets.":
    case "configmaps.":
      return (
        reads.has(verb) && objects.podsOf(node).some((pod) => isNamedBy(pod, wanted, resource as DependencyResource))
      );
    case "serviceaccounts.":
      return (
        (reads.has(verb) || (subresource === "token" && verb === "create")) &&
        objects.podsOf(node).some((pod) => inNamespace(pod, namespace) && pod.spec.serviceAccountName === name)
      );
    default:
      return false;
  }
}

function mayTouchPod({ subresource, verb, namespace, name }: ResourceAccess, pods: readonly Pod[]): boolean {
  const own = pods.some((pod) => inNamespace(pod, namespace) && pod.metadata.name === name);
  if (!own) return false;
  if (subresource === "status") return ["get", "update", "patch"].includes(verb);
  return subresource === "" && (verb === "get" || verb === "watch" || verb === "delete");
}

const inNamespace = ({ metadata }: Pod, namespace: string) => metadata.namespace === namespace;

function isNamedBy(pod: Pod, { namespace, name }: ResourceAccess, resource: DependencyResource): boolean {
  return inNamespace(pod, namespace) && podRefersTo(pod, resource, name);
}
