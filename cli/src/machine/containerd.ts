import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireBinary, toolsPath } from "@podbus/binaries";
import type { Clock } from "@podbus/clock";
import {
  type ContainerdSettings,
  createCri,
  removeAllSandboxes,
  removeContainerdLeftovers,
  waitUntilRuntimeReady,
  writeContainerdConfig,
} from "@podbus/cri";
import { importPauseImage, pauseImage } from "@podbus/images";
import type { Layout } from "./layout.ts";
import { type SupervisedChild, type SupervisorDeps, superviseChild } from "./supervised-child.ts";

export interface PodNetwork {
  readonly podCidr: string;
  readonly insecureRegistries: readonly string[];
}

/** Runs our containerd and puts the pause image into it. Its shims, and so the containers, outlive it. */
export async function startContainerd(
  layout: Layout,
  network: PodNetwork,
  deps: SupervisorDeps,
): Promise<SupervisedChild> {
  await writeContainerdConfig(containerdSettings(layout, network));
  const child = await superviseContainerd(layout, deps);
  await importPauseImage(layout.containerdSocket);
  return child;
}

/** Ends all containers, and removes containerd's directories, mounts and bridge. Nothing of ours may run. */
export async function removeContainerd(layout: Layout, deps: SupervisorDeps): Promise<void> {
  const settings = containerdSettings(layout, { podCidr: "10.88.0.0/16", insecureRegistries: [] });
  await removeSandboxes(layout, deps);
  const problems = await removeContainerdLeftovers(settings, deps.clock);
  if (problems.length > 0) throw new Error(`containerd left something behind: ${problems.join("; ")}`);
}

/** Addresses and port mappings can only be given back by a living containerd. */
async function removeSandboxes(layout: Layout, deps: SupervisorDeps): Promise<void> {
  await using _child = await superviseContainerd(layout, deps);
  await using cri = createCri({ endpoint: `unix://${layout.containerdSocket}`, clock: deps.clock });
  await removeAllSandboxes(cri);
}

async function superviseContainerd(layout: Layout, deps: SupervisorDeps): Promise<SupervisedChild> {
  await mkdir(layout.logsDir, { recursive: true, mode: 0o700 });
  return superviseChild(
    {
      name: "containerd",
      command: requireBinary("containerd"),
      args: ["--config", layout.containerdConfig],
      // It starts its shims and runc, and CNI plugins start iptables, by name.
      env: { ...process.env, PATH: toolsPath() },
      pidFile: join(layout.runDir, "containerd.pid"),
      logFile: join(layout.logsDir, "containerd.log"),
      ready: (signal) => runtimeReady(layout.containerdSocket, deps.clock, signal),
    },
    deps,
  );
}

async function runtimeReady(socket: string, clock: Clock, signal: AbortSignal): Promise<void> {
  await using cri = createCri({ endpoint: `unix://${socket}`, clock });
  await waitUntilRuntimeReady(cri, { clock, timeoutMs: 30_000, signal });
}

function containerdSettings(layout: Layout, { podCidr, insecureRegistries }: PodNetwork): ContainerdSettings {
  return {
    rootDir: layout.containerdDir,
    runDir: join(layout.runDir, "containerd"),
    bridge: layout.bridge,
    podCidr,
    pauseImage,
    plainHttpRegistries: insecureRegistries,
  };
}
