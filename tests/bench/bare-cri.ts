import { SecurityProfile_ProfileType } from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";

/** Starts pods by the three calls alone: what a pod start costs if nobody decides anything. */
export class BareCri {
  readonly #cri: Cri;
  readonly #image: string;
  readonly #logDirectory: string;

  constructor(cri: Cri, image: string, logDirectory: string) {
    this.#cri = cri;
    this.#image = image;
    this.#logDirectory = logDirectory;
  }

  /** Resolves when StartContainer has answered; the container runs. */
  async start(name: string): Promise<{ readonly sandboxId: string }> {
    const { runtime } = this.#cri;
    const config = {
      metadata: { name, namespace: "bench", uid: `bare-${name}`, attempt: 0 },
      hostname: name,
      logDirectory: this.#logDirectory,
      // What Kubernetes asks of every sandbox, and podbus with it (kubelet kuberuntime_sandbox.go, issue 84623): the
      // runtime compiles the profile, which costs it about 12 ms.
      linux: { securityContext: { seccomp: { profileType: SecurityProfile_ProfileType.RuntimeDefault } } },
    };
    const { podSandboxId } = await runtime.runPodSandbox({ config });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      config: {
        metadata: { name: "main", attempt: 0 },
        image: { image: this.#image },
        command: ["sleep", "3600"],
        logPath: `${name}.log`,
        linux: {},
      },
      sandboxConfig: config,
    });
    await runtime.startContainer({ containerId });
    return { sandboxId: podSandboxId };
  }

  async remove(sandboxId: string): Promise<void> {
    await this.#cri.runtime.stopPodSandbox({ podSandboxId: sandboxId });
    await this.#cri.runtime.removePodSandbox({ podSandboxId: sandboxId });
  }
}
