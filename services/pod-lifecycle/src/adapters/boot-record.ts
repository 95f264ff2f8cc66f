import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./write-whole.ts";

/** Remembers in which boot of the machine this node ran last. */
export class BootRecord {
  readonly #path: string;

  constructor(stateDir: string) {
    this.#path = join(stateDir, "boot-id");
  }

  /** Whether the machine was booted anew since the last `note`; false where that is not known. */
  async isAnother(bootId: string): Promise<boolean> {
    const noted = await readFile(this.#path, "utf8").catch(() => "");
    return noted !== "" && bootId !== "" && noted !== bootId;
  }

  async note(bootId: string): Promise<void> {
    await writeWhole(this.#path, bootId, { mode: 0o644 });
  }
}
