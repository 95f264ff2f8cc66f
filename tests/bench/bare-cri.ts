import { systemClock } from "@podbus/clock";
import { ContainerState, NamespaceMode, SecurityProfile_ProfileType } from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";
import { plainPod } from "./api-pods.ts";

/** Of its own, as in Kubernetes: the first process of a container ignores TERM unless it has a handler. */
const namespaceOptions = { pid: NamespaceMode.CONTAINER };

export interface BarePod {
  readonly sandboxId: string;
  readonly containerIds: readonly string[];
}

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
  async start(name: string, { init, app } = plainPod): Promise<BarePod> {
    const { runtime } = this.#cri;
    const config = {
      metadata: { name, namespace: "bench", uid: `bare-${name}`, attempt: 0 },
      hostname: name,
      logDirectory: this.#logDirectory,
      // What Kubernetes asks of every sandbox, and podbus with it (kubelet kuberuntime_sandbox.go, issue 84623): the
      // runtime compiles the profile, which costs it about 12 ms.
      linux: {
        securityContext: { namespaceOptions, seccomp: { profileType: SecurityProfile_ProfileType.RuntimeDefault } },
      },
    };
    const { podSandboxId } = await runtime.runPodSandbox({ config });
    const run = async (container: string, command: readonly string[]): Promise<string> => {
      const { containerId } = await runtime.createContainer({
        podSandboxId,
        config: {
          metadata: { name: container, attempt: 0 },
          image: { image: this.#image },
          command: [...command],
          logPath: `${name}-${container}.log`,
          linux: { securityContext: { namespaceOptions } },
        },
        sandboxConfig: config,
      });
      await runtime.startContainer({ containerId });
      return containerId;
    };
    for (const [at, command] of init.entries()) await this.#ended(await run(`init-${at}`, command));
    const containerIds: string[] = [];
    for (const [at, command] of app.entries()) containerIds.push(await run(`app-${at}`, command));
    return { sandboxId: podSandboxId, containerIds };
  }

  /** The runtime's events go to podbus: asked often enough not to lose to it. */
  async #ended(containerId: string): Promise<void> {
    for (;;) {
      const { status } = await this.#cri.runtime.containerStatus({ containerId });
      if (status?.state === ContainerState.CONTAINER_EXITED) return;
      await systemClock.sleep(2);
    }
  }

  /** The three calls that a forced deletion takes too: TERM, two seconds at most, KILL; then the sandbox. */
  async end({ sandboxId, containerIds }: BarePod): Promise<void> {
    const { runtime } = this.#cri;
    await Promise.all(containerIds.map((containerId) => runtime.stopContainer({ containerId, timeout: 2n })));
    await this.remove(sandboxId);
  }

  async remove(sandboxId: string): Promise<void> {
    await this.#cri.runtime.stopPodSandbox({ podSandboxId: sandboxId });
    await this.#cri.runtime.removePodSandbox({ podSandboxId: sandboxId });
  }
}
