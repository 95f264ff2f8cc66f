import type { Clock } from "@podbus/clock";
import { createLogger } from "@podbus/telemetry";
import type { RuntimeOptions } from "../arguments.ts";
import { startContainerd } from "../machine/containerd.ts";
import { layoutOf } from "../machine/layout.ts";
import { requireFreeNetwork } from "../machine/pod-network.ts";
import { endLeftovers } from "../machine/processes.ts";
import { ensureTmpfs } from "../machine/tmpfs.ts";
import type { Terminal } from "../terminal.ts";

/** Runs a node's containerd, for deployments where each service runs by itself. */
export async function runtime(options: RuntimeOptions, terminal: Terminal, clock: Clock): Promise<void> {
  const layout = layoutOf(options.stateDir);
  const stop = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.resolve(signal));
  await ensureTmpfs(layout.runDir);
  await endLeftovers(layout.runDir, { containerd: layout.containerdConfig }, clock);
  await requireFreeNetwork({ bridge: layout.bridge, podCidr: options.podCidr });
  await using _containerd = await startContainerd(layout, options, {
    clock,
    log: createLogger({ service: "runtime" }),
  });
  terminal.note(
    `podbus: containerd serves CRI on ${layout.containerdSocket}; its log is ${layout.logsDir}/containerd.log`,
  );
  terminal.note(`podbus: stopping (${await stop.promise})`);
}
