import { constants } from "node:fs";
import { chmod, chown, type FileHandle, mkdir, open, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { unlessAbsent } from "./unless-absent.ts";

/** open(2), O_PATH: a place in the file system, nothing to read. */
const pathOnly = 0o10000000;

export interface NewDirectories {
  /** Who owns directories that have to be made. */
  readonly ownerId: number;
}

/**
 * Opens what is at `subPath` in a volume, and never anything outside of it, even if a container changes the volume
 * meanwhile: links are resolved first, and then each step of the way is opened in the one before, not following links.
 * What is missing is made, as directories with the volume's own mode. The answer names a place (O_PATH).
 * Kubernetes: pkg/volume/util/subpath/subpath_linux.go.
 */
export async function openInside(volume: string, subPath: string, made: NewDirectories): Promise<FileHandle> {
  const root = await realpath(volume);
  let at = await open(root, pathOnly | constants.O_DIRECTORY);
  try {
    const { mode } = await at.stat();
    for (const name of await resolvedSteps(root, subPath)) {
      const next = await openStep(at, name, { ...made, mode: mode & 0o7777 });
      await at.close();
      at = next;
    }
    return at;
  } catch (error) {
    await at.close();
    throw error;
  }
}

/** The way from the volume to the path: as far as it exists without links, then as it was given. */
async function resolvedSteps(root: string, subPath: string): Promise<string[]> {
  const names = subPath.split("/");
  for (let existing = names.length; ; existing -= 1) {
    const found = await unlessAbsent(realpath(join(root, ...names.slice(0, existing))));
    if (found === undefined) continue;
    const inside = relative(root, found);
    if (inside === ".." || inside.startsWith("../")) throw new Error(`${found} is not in the volume ${root}`);
    return [...inside.split("/").filter((name) => name !== ""), ...names.slice(existing)];
  }
}

interface Making extends NewDirectories {
  readonly mode: number;
}

async function openStep(directory: FileHandle, name: string, { ownerId, mode }: Making): Promise<FileHandle> {
  const path = `/proc/self/fd/${directory.fd}/${name}`;
  const there = await unlessAbsent(openNoFollow(path));
  if (there) return there;
  await mkdir(path);
  const made = await openNoFollow(path);
  // By its descriptor: the name may be somebody else's by now.
  await chown(`/proc/self/fd/${made.fd}`, ownerId, (await made.stat()).gid);
  await chmod(`/proc/self/fd/${made.fd}`, mode);
  return made;
}

async function openNoFollow(path: string): Promise<FileHandle> {
  const found = await open(path, pathOnly | constants.O_NOFOLLOW);
  if (!(await found.stat()).isSymbolicLink()) return found;
  await found.close();
  throw new Error(`${path} has become a link`);
}
