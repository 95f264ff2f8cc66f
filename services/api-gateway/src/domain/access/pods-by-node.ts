import type { Pod } from "@podbus/kube";

/** The pods that are bound to each node, so that a node's request looks at its own pods only. */
export class PodsByNode {
  readonly #nodes = new Map<string, Map<string, Pod>>();

  put(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (!nodeName) return;
    const pods = this.#nodes.get(nodeName) ?? new Map<string, Pod>();
    this.#nodes.set(nodeName, pods);
    pods.set(keyOf(pod), pod);
  }

  remove(pod: Pod): void {
    const { nodeName = "" } = pod.spec;
    const pods = this.#nodes.get(nodeName);
    pods?.delete(keyOf(pod));
    if (pods?.size === 0) this.#nodes.delete(nodeName);
  }

  reset(pods: readonly Pod[]): void {
    this.#nodes.clear();
    for (const pod of pods) this.put(pod);
  }

  *podsOn(node: string, namespace: string): Iterable<Pod> {
    for (const pod of this.#nodes.get(node)?.values() ?? []) if (pod.metadata.namespace === namespace) yield pod;
  }
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
