import type { FakeCri } from "@podbus/testkit";

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A running container "main" with the labels that the kubelet gives. */
export async function startContainer(
  cri: FakeCri,
  pod: PodIdentity,
): Promise<{ readonly podSandboxId: string; readonly containerId: string }> {
  cri.addImage("busybox");
  const labels = {
    "io.kubernetes.pod.namespace": pod.namespace,
    "io.kubernetes.pod.name": pod.name,
    "io.kubernetes.pod.uid": pod.uid,
  };
  const sandboxConfig = { metadata: { ...pod, attempt: 0 }, labels };
  const { podSandboxId } = await cri.runtime.runPodSandbox({ config: sandboxConfig });
  const config = {
    metadata: { name: "main", attempt: 0 },
    image: { image: "busybox" },
    labels: { ...labels, "io.kubernetes.container.name": "main" },
  };
  const { containerId } = await cri.runtime.createContainer({ podSandboxId, config, sandboxConfig });
  await cri.runtime.startContainer({ containerId });
  return { podSandboxId, containerId };
}
