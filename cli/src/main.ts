import { systemClock } from "@podbus/clock";
import { type Command, parseCommand, UsageError } from "./arguments.ts";
import { helpText } from "./help.ts";
import { processTerminal as terminal } from "./terminal.ts";

/** Commands are loaded when they are asked for: "podbus kubeconfig" need not load seven services. */
async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case "help":
      return terminal.out(helpText(command.of));
    case "up":
      return (await import("./commands/up.ts")).up(command.options, terminal, systemClock);
    case "down":
      return (await import("./commands/down.ts")).down(command.stateDir, terminal);
    case "status":
      return (await import("./commands/status.ts")).status(command.stateDir, terminal);
    case "kubeconfig":
      return (await import("./commands/kubeconfig.ts")).kubeconfig(command.stateDir, terminal);
    case "reset":
      return (await import("./commands/reset.ts")).reset(command.stateDir, terminal, systemClock);
    case "trace":
      return (await import("./commands/trace.ts")).trace(command, terminal, systemClock);
    case "probes":
      return (await import("./commands/probes.ts")).probes(command, terminal, systemClock);
    case "demo":
      return (await import("./commands/demo.ts")).demo(command, terminal, systemClock);
    case "runtime":
      return (await import("./commands/runtime.ts")).runtime(command.options, terminal, systemClock);
    case "init":
      return (await import("./commands/init.ts")).init(command.options, systemClock);
  }
}

try {
  await run(parseCommand(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  terminal.note(`podbus: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env.PODBUS_DEBUG) terminal.note(error instanceof Error ? (error.stack ?? "") : "");
  process.exit(error instanceof UsageError ? 2 : 1);
}
