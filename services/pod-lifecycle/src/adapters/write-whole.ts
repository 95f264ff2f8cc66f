import { open, rename, rm } from "node:fs/promises";

export interface WholeFile {
  readonly mode: number;
  /** Whether it must outlive a crash of the machine, not of this process alone. */
  readonly synced?: boolean;
}

/** Whoever reads the file finds all of the content or what was there before, whenever this process ends and on a full disk. */
export async function writeWhole(path: string, content: string | Uint8Array, options: WholeFile): Promise<void> {
  const { mode, synced = false } = options;
  const pending = `${path}.new`;
  try {
    {
      await using file = await open(pending, "w", mode);
      await file.chmod(mode);
      await file.writeFile(content);
      if (synced) await file.sync();
    }
    await rename(pending, path);
  } catch (thrown) {
    await rm(pending, { force: true });
    throw thrown;
  }
}
