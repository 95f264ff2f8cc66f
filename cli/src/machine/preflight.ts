import { access, constants } from "node:fs/promises";
import { createServer } from "node:net";

/** What "podbus up" needs from the machine, and how to get it. */
export interface Requirement {
  readonly name: string;
  readonly how: string;
  readonly met: () => Promise<boolean>;
}

/** Everything that is missing, at once: nobody likes to find out one by one. */
export async function unmet(requirements: readonly Requirement[]): Promise<readonly Requirement[]> {
  const answers = await Promise.all(requirements.map(async (each) => ((await each.met()) ? undefined : each)));
  return answers.filter((each) => each !== undefined);
}

export class MissingRequirementsError extends Error {
  override readonly name = "MissingRequirementsError";

  constructor(missing: readonly Requirement[]) {
    const lines = missing.map((each) => `  - ${each.name}: ${each.how}`);
    super(`this machine lacks what podbus needs:\n${lines.join("\n")}`);
  }
}

export interface Port {
  readonly what: string;
  readonly option: string;
  readonly address: string;
  readonly port: number;
}

/** Fails naming the first port that another process has. */
export async function requireFreePorts(ports: readonly Port[]): Promise<void> {
  for (const each of ports) {
    if (await isFree(each)) continue;
    throw new Error(
      `port ${each.port} (${each.what}) is taken by another process. Free it, or choose another with ${each.option}.`,
    );
  }
}

function isFree({ address, port }: Port): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

export async function fileExists(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
