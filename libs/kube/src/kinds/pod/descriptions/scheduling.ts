import type { TypeDescriptions } from "../../../schema/descriptions.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

const podTerms = (where: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: `Terms that must all hold of ${where}.`,
  preferredDuringSchedulingIgnoredDuringExecution: `Terms that should hold of ${where}, with their weights.`,
});

export const schedulingDescriptions: TypeDescriptions = {
  [core("Affinity")]: {
    "": "Where a pod wants to be.",
    nodeAffinity: "Which nodes it wants.",
    podAffinity: "Which pods it wants near.",
    podAntiAffinity: "Which pods it wants far.",
  },
  [core("NodeAffinity")]: {
    "": "Which nodes a pod wants.",
    requiredDuringSchedulingIgnoredDuringExecution: "What a node must be like to get the pod.",
    preferredDuringSchedulingIgnoredDuringExecution: "What a node should be like; the highest sum of weights wins.",
  },
  [core("NodeSelector")]: {
    "": "Chooses nodes.",
    nodeSelectorTerms: "One of these must hold.",
  },
  [core("NodeSelectorTerm")]: {
    "": "Requirements on a node that must all hold.",
    matchExpressions: "Requirements on its labels.",
    matchFields: "Requirements on its fields, such as metadata.name.",
  },
  [core("NodeSelectorRequirement")]: {
    "": "One requirement on a node.",
    key: "The label or field.",
    operator: "In, NotIn, Exists, DoesNotExist, Gt or Lt.",
    values: "What to compare with; empty for Exists and DoesNotExist, one number for Gt and Lt.",
  },
  [core("PreferredSchedulingTerm")]: {
    "": "A wish for nodes.",
    weight: "How much it counts, from 1 to 100.",
    preference: "What the node should be like.",
  },
  [core("PodAffinity")]: { "": "Which pods a pod wants near.", ...podTerms("pods near") },
  [core("PodAntiAffinity")]: { "": "Which pods a pod wants far.", ...podTerms("pods to keep away from") },
  [core("PodAffinityTerm")]: {
    "": "Which pods are meant, and what near means.",
    labelSelector: "Chooses the pods.",
    namespaces: "Namespaces of the pods. Default: the pod's own.",
    topologyKey: "Nodes with the same value of this label are near each other.",
    namespaceSelector: "Chooses further namespaces by labels.",
    matchLabelKeys: "Labels of this pod that the others must share.",
    mismatchLabelKeys: "Labels of this pod that the others must not share.",
  },
  [core("WeightedPodAffinityTerm")]: {
    "": "A wish for pods near or far.",
    weight: "How much it counts, from 1 to 100.",
    podAffinityTerm: "Which pods.",
  },
  [core("Toleration")]: {
    "": "A taint that does not keep a pod away.",
    key: "Name of the taint; empty for all, with Exists.",
    operator: "Exists or Equal. Default: Equal.",
    value: "Value of the taint, for Equal.",
    effect: "Effect of the taint; empty for all.",
    tolerationSeconds: "How long a NoExecute taint is tolerated. Default: for ever.",
  },
  [core("TopologySpreadConstraint")]: {
    "": "How pods are spread over groups of nodes.",
    maxSkew: "By how many pods the groups may differ.",
    topologyKey: "Nodes with the same value of this label are one group.",
    whenUnsatisfiable: "DoNotSchedule, or ScheduleAnyway to take it as a wish.",
    labelSelector: "Chooses the pods to count.",
    minDomains: "How many groups there should be at least.",
    nodeAffinityPolicy: "Whether nodes that the pod's affinity leaves out count: Honor or Ignore. Default: Honor.",
    nodeTaintsPolicy:
      "Whether taints that the pod does not tolerate leave nodes out: Honor or Ignore. Default: Ignore.",
    matchLabelKeys: "Labels of this pod that pods must share to be counted.",
  },
};
