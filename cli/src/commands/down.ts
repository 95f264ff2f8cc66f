import { stopInstance } from "../machine/control-socket.ts";
import { layoutOf } from "../machine/layout.ts";
import type { Terminal } from "../terminal.ts";

/** Stops the podbus that runs on a state directory and waits for its end. Success if none runs. */
export async function down(stateDir: string, terminal: Terminal): Promise<void> {
  const stopped = await stopInstance(layoutOf(stateDir).controlSocket);
  if (stopped)
    terminal.out(
      `podbus (pid ${stopped.pid}) has stopped; its containers go on and are adopted by the next "podbus up".`,
    );
  else terminal.out(`podbus does not run on ${stateDir}.`);
}
