import type { Container, Pod } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation } from "./admission-step.ts";

/** Node labels that still work but have successors: staging/src/k8s.io/api/core/v1/well_known_labels.go. */
const successors: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
};

/** What is legal but probably not meant. Kubernetes: pkg/api/pod/warnings.go, its most frequent ones. */
export const podWarnings: AdmissionStep = {
  name: "Warnings",
  appliesTo: isPodCreation,
  review: ({ object }) => admit(object, warningsOf(object as Pod)),
};

function warningsOf({ spec }: Pod): string[] {
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap(deprecatedLabel),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) =>
      name ? [] : [`spec.imagePullSecrets[${index}].name: invalid empty name ""`],
    ),
    ...(spec.initContainers ?? []).flatMap((container, index) => hiddenEnv(container, `spec.initContainers[${index}]`)),
    ...spec.containers.flatMap((container, index) => hiddenEnv(container, `spec.containers[${index}]`)),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? ["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"]
      : []),
  ];
}

function deprecatedLabel(key: string): string[] {
  const successor = successors[key];
  const path = `spec.nodeSelector[${key}]`;
  return successor
    ? [
        `${path}: deprecated since ${key.startsWith("beta.kubernetes.io/inst") || key.startsWith("failure") ? "v1.17" : "v1.14"}; use "${successor}" instead`,
      ]
    : [];
}

/** A later variable of the same name wins, unless it is made from the earlier one. */
function hiddenEnv({ env = [] }: Container, path: string): string[] {
  const seen = new Set<string>();
  return env.flatMap(({ name, value }, index) => {
    const hides = seen.has(name) && !value?.includes(`$(${name})`);
    seen.add(name);
    const text = `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`;
    return hides ? [text] : [];
  });
}
