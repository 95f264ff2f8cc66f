import type { Container, Pod } from "@podbus/kube";

export type DependencyResource = "secrets" | "configmaps" | "runtimeclasses";

/** Whether a pod refers to this object: what its node may read (plugin/pkg/auth/authorizer/node). */
export function podRefersTo(pod: Pod, resource: DependencyResource, name: string): boolean {
  return dependencyNames(pod, resource).has(name);
}

function dependencyNames(pod: Pod, resource: DependencyResource): Set<string> {
  if (resource === "runtimeclasses") return new Set(pod.spec.runtimeClassName ? [pod.spec.runtimeClassName] : []);
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const names = [...containers, ...initContainers, ...ephemeralContainers].flatMap((container) =>
    namesInEnvironment(container, resource),
  );
  return new Set([...names, ...namesInPod(pod, resource)].filter((name) => name !== undefined));
}

type Names = readonly (string | undefined)[];

function namesInEnvironment(container: Pick<Container, "env" | "envFrom">, resource: DependencyResource): Names {
  const secret = resource === "secrets";
  return [
    ...(container.env ?? []).map(
      ({ valueFrom }) => (secret ? valueFrom?.secretKeyRef : valueFrom?.configMapKeyRef)?.name,
    ),
    ...(container.envFrom ?? []).map((source) => (secret ? source.secretRef : source.configMapRef)?.name),
  ];
}

function namesInPod(pod: Pod, resource: DependencyResource): Names {
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
