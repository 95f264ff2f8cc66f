import type { Container } from "./container-schema.ts";
import type { Pod } from "./schema.ts";

/** What a pod's spec refers to by name, in its own namespace where that has namespaces. */
export type ReferencedResource = "secrets" | "configmaps" | "runtimeclasses";

/** Names of the objects that the pod refers to: what its node may read (plugin/pkg/auth/authorizer/node). */
export function podReferences(pod: Pod, resource: ReferencedResource): ReadonlySet<string> {
  if (resource === "runtimeclasses") return new Set(pod.spec.runtimeClassName ? [pod.spec.runtimeClassName] : []);
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const names = [...containers, ...initContainers, ...ephemeralContainers].flatMap((container) =>
    namesInEnvironment(container, resource),
  );
  return new Set([...names, ...namesInPod(pod, resource)].filter((name) => name !== undefined));
}

/** Whether a projected volume asks for a token of the pod's service account. */
export function asksForToken({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(({ projected }) => projected?.sources?.some((s) => s.serviceAccountToken));
}

type Names = readonly (string | undefined)[];

function namesInEnvironment(container: Pick<Container, "env" | "envFrom">, resource: ReferencedResource): Names {
  const secret = resource === "secrets";
  return [
    ...(container.env ?? []).map(
      ({ valueFrom }) => (secret ? valueFrom?.secretKeyRef : valueFrom?.configMapKeyRef)?.name,
    ),
    ...(container.envFrom ?? []).map((source) => (secret ? source.secretRef : source.configMapRef)?.name),
  ];
}

function namesInPod(pod: Pod, resource: ReferencedResource): Names {
  const volumes = pod.spec.volumes ?? [];
  const projected = volumes.flatMap((volume) => volume.projected?.sources ?? []);
  if (resource === "configmaps") {
    return [...volumes.map((volume) => volume.configMap?.name), ...projected.map((source) => source.configMap?.name)];
  }
  return [
    ...volumes.map((volume) => volume.secret?.secretName),
    ...projected.map((source) => source.secret?.name),
    ...(pod.spec.imagePullSecrets ?? []).map(({ name }) => name),
  ];
}
