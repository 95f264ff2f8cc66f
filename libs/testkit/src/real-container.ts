import { buildBusyboxImage, importImage } from "@podbus/images";
import { startContainerd, type TestContainerd } from "./containerd.ts";

/** A container that runs in a real containerd. */
export interface RealContainer extends AsyncDisposable {
  readonly containerd: TestContainerd;
  readonly id: string;
  readonly podIp: string;
  /** What a command in it prints. */
  exec(...command: string[]): Promise<string>;
}

const image = "localhost/podbus/busybox:1";

/** Busybox running `script` in a pod of its own. */
export async function startRealContainer(script: string): Promise<RealContainer> {
  const containerd = await startContainerd();
  try {
    const { runtime } = containerd.cri;
    await importImage(await buildBusyboxImage(), { socket: containerd.socket, name: image });
    const metadata = { name: "web", namespace: "shop", uid: "u-1", attempt: 0 };
    const sandboxConfig = { metadata, linux: {}, labels: { "io.kubernetes.pod.uid": "u-1" } };
    const { podSandboxId } = await runtime.runPodSandbox({ config: sandboxConfig });
    const config = {
      metadata: { name: "main", attempt: 0 },
      image: { image },
      command: ["sh", "-c", script],
      linux: {},
      labels: { "io.kubernetes.pod.uid": "u-1" },
    };
    const { containerId: id } = await runtime.createContainer({ podSandboxId, config, sandboxConfig });
    await runtime.startContainer({ containerId: id });
    const { status } = await runtime.podSandboxStatus({ podSandboxId });
    return {
      containerd,
      id,
      podIp: status?.network?.ip ?? "",
      exec: async (...cmd) => {
        const { stdout } = await runtime.execSync({ containerId: id, cmd, timeout: 10n });
        return Buffer.from(stdout).toString("utf8");
      },
      [Symbol.asyncDispose]: () => containerd[Symbol.asyncDispose](),
    };
  } catch (error) {
    await containerd[Symbol.asyncDispose]();
    throw error;
  }
}
