import type { Clock } from "@podbus/clock";
import { createLogger } from "@podbus/telemetry";
import { removeMachineState } from "../machine/remove-machine-state.ts";
import type { Terminal } from "../terminal.ts";

/** Removes everything that podbus keeps for a state directory, running containers included. */
export async function reset(stateDir: string, terminal: Terminal, clock: Clock): Promise<void> {
  await removeMachineState(stateDir, { clock, log: createLogger({ service: "podbus", level: "silent" }) });
  terminal.out(`removed ${stateDir}, with its containers, images and objects.`);
}
