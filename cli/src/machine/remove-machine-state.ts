import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { removeContainerd } from "./containerd.ts";
import { askInstance, InstanceRunsError } from "./control-socket.ts";
import { layoutOf } from "./layout.ts";
import { fileExists } from "./preflight.ts";
import { endLeftovers } from "./processes.ts";
import type { SupervisorDeps } from "./supervised-child.ts";
import { ensureTmpfs, isOwnTmpfs, unmountBelow } from "./tmpfs.ts";

/** Removes all that podbus made for a state directory: containers, images, objects, credentials. It must not run. */
export async function removeMachineState(stateDir: string, deps: SupervisorDeps): Promise<void> {
  const layout = layoutOf(stateDir);
  const instance = await askInstance(layout.controlSocket);
  if (instance) throw new InstanceRunsError(instance);
  if (await fileExists(layout.containerdConfig)) {
    await ensureTmpfs(layout.runDir);
    await endLeftovers(
      layout.runDir,
      { "nats-server": layout.natsConfig, containerd: layout.containerdConfig },
      deps.clock,
    );
    await removeContainerd(layout, deps);
  }
  if (await isOwnTmpfs(layout.runDir)) await promisify(execFile)("umount", ["--recursive", layout.runDir]);
  await rm(layout.runDir, { recursive: true, force: true });
  // Volumes in memory of pods that were still there.
  await unmountBelow(stateDir);
  await rm(stateDir, { recursive: true, force: true });
}
