import { equalJson, type KubeObject, type Node, namespaces, type Pod, type TokenRequest } from "@podbus/kube";

// plugin/pkg/admission/noderestriction/admission.go

/** A node's write, once it is known what it writes. */
export interface NodeWrite {
  /** "pods", "leases.coordination.k8s.io". */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  /** Of the object, or of the one that the subresource belongs to. */
  readonly name: string;
  readonly object: KubeObject;
  /** The stored object, for an update. */
  readonly previous?: KubeObject | undefined;
}

type FindPod = (namespace: string, name: string) => Pod | undefined;

/** Why a node may not write this; undefined where it may. Whose it is has been decided (node-access.ts), unless it is new. */
export function nodeWriteProblem(node: string, write: NodeWrite, findPod: FindPod): string | undefined {
  switch (`${write.resource}/${write.subresource}`) {
    case "nodes/":
    case "nodes/status":
      return nodeProblem(node, write);
    case "pods/status":
      return podStatusProblem(node, write);
    case "serviceaccounts/token":
      return tokenProblem(node, write, findPod);
    case "leases.coordination.k8s.io/":
      return leaseProblem(node, write);
    default:
      return undefined;
  }
}

function nodeProblem(node: string, { name, object, previous }: NodeWrite): string | undefined {
  const quoted = JSON.stringify(node);
  if (name !== node) return `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`;
  if (previous && !equalJson((object as Node).spec?.taints ?? [], (previous as Node).spec?.taints ?? [])) {
    return `node ${quoted} is not allowed to modify taints`;
  }
  const refused = changedKeys(object.metadata.labels, previous?.metadata.labels).filter(isRestricted).join(", ");
  if (refused === "") return undefined;
  return previous
    ? `is not allowed to modify labels: ${refused}`
    : `node ${quoted} is not allowed to set the following labels: ${refused}`;
}

type Labels = Readonly<Record<string, string>>;

function changedKeys(next: Labels = {}, previous: Labels = {}): string[] {
  const keys = new Set([...Object.keys(next), ...Object.keys(previous)]);
  return [...keys].filter((key) => next[key] !== previous[key]).sort();
}

/** staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go */
const kubeletLabels: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "node.kubernetes.io/instance-type",
  "beta.kubernetes.io/instance-type",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);
const kubeletDomains: readonly string[] = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** Labels by which a node could draw work to itself that is not meant for it. */
function isRestricted(label: string): boolean {
  const domain = label.includes("/") ? (label.split("/")[0] ?? "") : "";
  if (isWithin(domain, "node-restriction.kubernetes.io")) return true;
  const kubernetes = isWithin(domain, "kubernetes.io") || isWithin(domain, "k8s.io");
  return kubernetes && !kubeletLabels.has(label) && !kubeletDomains.some((own) => isWithin(domain, own));
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

function podStatusProblem(node: string, { object, previous }: NodeWrite): string | undefined {
  const quoted = JSON.stringify(node);
  if ((previous as Pod | undefined)?.spec.nodeName !== node) {
    return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`;
  }
  return equalJson(object.metadata.labels ?? {}, previous?.metadata.labels ?? {})
    ? undefined
    : `node ${quoted} cannot update labels through pod status`;
}

function tokenProblem(node: string, { namespace, object }: NodeWrite, findPod: FindPod): string | undefined {
  const bound = (object as TokenRequest).spec.boundObjectRef;
  if (bound?.apiVersion !== "v1" || bound.kind !== "Pod" || !bound.name) {
    return "node requested token not bound to a pod";
  }
  if (!bound.uid) return "node requested token with a pod binding without a uid";
  const pod = findPod(namespace, bound.name);
  if (!pod) return `pods ${JSON.stringify(bound.name)} not found`;
  if (pod.metadata.uid !== bound.uid) {
    const problem = "does not match the UID in record. The object might have been deleted and then recreated";
    return `the UID in the bound object reference (${bound.uid}) ${problem}`;
  }
  return pod.spec.nodeName === node ? undefined : "node requested token bound to a pod scheduled on a different node";
}

function leaseProblem(node: string, { namespace, name }: NodeWrite): string | undefined {
  if (namespace !== namespaces.nodeLease) {
    return `can only access leases in the ${JSON.stringify(namespaces.nodeLease)} system namespace`;
  }
  return name === node ? undefined : "can only access node lease with the same name as the requesting node";
}
