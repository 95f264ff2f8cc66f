import type { Pod } from "@podbus/kube";

export type ContainerChoice =
  | { readonly kind: "container"; readonly name: string }
  | { readonly kind: "refuse"; readonly message: string };

/** Which container a log or exec request means (registry/core/pod/strategy.go LogLocation, streamLocation). */
export function chooseContainer(pod: Pod, wanted: string): ContainerChoice {
  const podName = pod.metadata.name;
  const names = (containers: readonly { name: string }[] | undefined) => (containers ?? []).map(({ name }) => name);
  const [apps, inits, ephemeral] = [
    names(pod.spec.containers),
    names(pod.spec.initContainers),
    names(pod.spec.ephemeralContainers),
  ];
  if (wanted !== "") {
    const known = [...apps, ...inits, ...ephemeral].includes(wanted);
    if (known) return { kind: "container", name: wanted };
    return { kind: "refuse", message: `container ${wanted} is not valid for pod ${podName}` };
  }
  const only = apps.length === 1 && inits.length === 0 && ephemeral.length === 0 ? apps[0] : undefined;
  if (only !== undefined) return { kind: "container", name: only };
  const alternatives = inits.length > 0 ? ` or one of the init containers: [${inits.join(" ")}]` : "";
  const debugging = ephemeral.length > 0 ? ` or one of the ephemeral containers: [${ephemeral.join(" ")}]` : "";
  return {
    kind: "refuse",
    message: `a container name must be specified for pod ${podName}, choose one of: [${apps.join(" ")}]${alternatives}${debugging}`,
  };
}
