import { type Pod, type Toleration, taints } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation } from "./admission-step.ts";

const tolerationSeconds = 300;

/**
 * A pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.
 * Kubernetes: plugin/pkg/admission/defaulttolerationseconds/admission.go.
 */
export const defaultTolerationSeconds: AdmissionStep = {
  name: "DefaultTolerationSeconds",
  appliesTo: isPodCreation,
  review({ object }) {
    const pod = object as Pod;
    const own = pod.spec.tolerations ?? [];
    const added = [taints.notReady, taints.unreachable]
      .filter((key) => !own.some((toleration) => speaksOf(toleration, key)))
      .map((key): Toleration => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds }));
    return admit(
      added.length === 0 ? pod : ({ ...pod, spec: { ...pod.spec, tolerations: [...own, ...added] } } as Pod),
    );
  },
};

const speaksOf = ({ key, effect }: Toleration, taint: string) =>
  (!key || key === taint) && (!effect || effect === "NoExecute");
