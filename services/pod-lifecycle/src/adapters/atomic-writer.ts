import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VolumeFile, VolumeFiles } from "../domain/volume-files.ts";
import type { VolumeOwner } from "../domain/volume-owner.ts";

const dataLink = "..data";

/**
 * Writes a volume's files so that a reader sees either all old or all new ones: they live in a directory of their own,
 * `..data` points to it, and each visible name points through `..data`. Changing the content swaps `..data`.
 * kubelet: pkg/volume/util/atomic_writer.go.
 */
export async function writeAtomically(target: string, files: VolumeFiles, owner: VolumeOwner): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o755 });
  const current = await readlink(join(target, dataLink)).catch(() => undefined);
  if (current !== undefined && (await holds(join(target, current), files))) return;
  const fresh = await mkdtemp(join(target, "..new_"));
  await chmod(fresh, 0o755);
  await Promise.all([...files].map(([path, file]) => writeOne(join(fresh, path), file, owner)));
  const pending = join(target, "..data_tmp");
  await rm(pending, { force: true });
  await symlink(fresh.slice(target.length + 1), pending);
  await rename(pending, join(target, dataLink));
  await linkNames(target, new Set([...files.keys()].map((path) => path.split("/")[0] ?? path)));
  if (current !== undefined) await rm(join(target, current), { recursive: true, force: true });
}

async function writeOne(
  path: string,
  { content, mode, owner = 0 }: VolumeFile,
  { rootId, groupId }: VolumeOwner,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
  await chown(path, rootId + owner, groupId ?? rootId);
  // A group that owns the files may read them.
  await chmod(path, groupId === undefined ? mode : mode | 0o440);
}

async function linkNames(target: string, names: ReadonlySet<string>): Promise<void> {
  const present = (await readdir(target)).filter((name) => !name.startsWith(".."));
  await Promise.all([
    ...[...names]
      .filter((name) => !present.includes(name))
      .map((name) => symlink(join(dataLink, name), join(target, name))),
    ...present.filter((name) => !names.has(name)).map((name) => rm(join(target, name), { force: true })),
  ]);
}

async function holds(directory: string, files: VolumeFiles): Promise<boolean> {
  const present = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!present || present.filter((each) => each.isFile()).length !== files.size) return false;
  const same = await Promise.all(
    [...files].map(async ([path, { content }]) => {
      const found = await readFile(join(directory, path)).catch(() => undefined);
      return found?.equals(content) ?? false;
    }),
  );
  return same.every(Boolean);
}
