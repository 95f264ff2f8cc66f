import { readFile } from "node:fs/promises";
import { PodbusError } from "@podbus/errors";
import { layoutOf } from "../machine/layout.ts";
import type { Terminal } from "../terminal.ts";

/** Prints the admin's kubeconfig: `podbus kubeconfig > ~/.kube/config`. */
export async function kubeconfig(stateDir: string, terminal: Terminal): Promise<void> {
  const file = layoutOf(stateDir).kubeconfig;
  try {
    terminal.out((await readFile(file, "utf8")).trimEnd());
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new PodbusError({
      code: "NOT_FOUND",
      message: `${file} does not exist: start podbus with "podbus up" first`,
      cause,
    });
  }
}
