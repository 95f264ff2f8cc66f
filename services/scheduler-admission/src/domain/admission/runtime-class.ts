import { compareQuantity, type Pod, type RuntimeClass, runtimeClasses, statusForbidden } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation, refuse, shownName } from "./admission-step.ts";
import { mergeTolerations } from "./merge-tolerations.ts";

type Amounts = Readonly<Record<string, string>>;

/**
 * A pod of a RuntimeClass needs what the class needs, and goes where the class can run.
 * Kubernetes: plugin/pkg/admission/runtimeclass/admission.go.
 */
export const runtimeClass: AdmissionStep = {
  name: "RuntimeClass",
  appliesTo: isPodCreation,
  review(request, lookup) {
    const pod = request.object as Pod;
    const forbid = (problem: string) => refuse(statusForbidden(request.resource, shownName(request), problem));
    const { runtimeClassName: named, overhead } = pod.spec;
    const found = named ? lookup.get<RuntimeClass>(runtimeClasses.storageResource, "", named) : undefined;
    if (named && !found) return forbid(`pod rejected: RuntimeClass "${named}" not found`);
    const fixed = found?.overhead && (found.overhead.podFixed ?? {});
    if (overhead && !fixed) {
      return forbid("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
    if (overhead && fixed && !sameAmounts(overhead, fixed)) {
      return forbid("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    const conflict = selectorConflict(found, pod);
    if (conflict) return forbid(conflict);
    return admit(withClass(pod, found, fixed));
  },
};

function sameAmounts(left: Amounts, right: Amounts): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => {
    const [one, other] = [left[name], right[name]];
    return one !== undefined && other !== undefined && compareQuantity(one, other) === 0;
  });
}

function selectorConflict(found: RuntimeClass | undefined, { spec }: Pod): string | undefined {
  const own = spec.nodeSelector ?? {};
  const wanted = Object.entries(found?.scheduling?.nodeSelector ?? {});
  const [key, value] = wanted.find(([name, text]) => own[name] !== undefined && own[name] !== text) ?? [];
  if (key === undefined) return undefined;
  return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
}

function withClass(pod: Pod, found: RuntimeClass | undefined, overhead: Amounts | undefined): Pod {
  const { scheduling } = found ?? {};
  const nodeSelector = { ...pod.spec.nodeSelector, ...scheduling?.nodeSelector };
  const tolerations = scheduling
    ? mergeTolerations(pod.spec.tolerations ?? [], scheduling.tolerations ?? [])
    : (pod.spec.tolerations ?? []);
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(overhead ? { overhead } : {}),
      ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
      ...(tolerations.length > 0 ? { tolerations } : {}),
    },
  } as Pod;
}
