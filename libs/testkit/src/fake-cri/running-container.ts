import type { FakeCri } from "./fake-cri.ts";

/** The id of a container that runs in the fake. */
export async function runningContainer(cri: FakeCri): Promise<string> {
  const metadata = { name: "web", namespace: "shop", uid: "u-1", attempt: 0 };
  const { podSandboxId } = await cri.runtime.runPodSandbox({ config: { metadata } });
  cri.addImage("app:1");
  const config = { metadata: { name: "main", attempt: 0 }, image: { image: "app:1" } };
  const { containerId } = await cri.runtime.createContainer({ podSandboxId, config, sandboxConfig: { metadata } });
  await cri.runtime.startContainer({ containerId });
  return containerId;
}
