import { chmod, mkdir, mkdtemp, readlink, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInside } from "./open-inside.ts";

let directory: string;
let volume: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "open-inside-"));
  volume = join(directory, "volume");
  await mkdir(join(volume, "a/b"), { recursive: true });
  await writeFile(join(volume, "a/file"), "x");
  await mkdir(join(directory, "outside"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Where the place is, seen from the volume. */
async function opened(subPath: string): Promise<string> {
  await using place = await openInside(volume, subPath, { ownerId: process.getuid?.() ?? 0 });
  return (await readlink(`/proc/self/fd/${place.fd}`)).slice(volume.length + 1);
}

describe("a path in a volume", () => {
  it.each(["a", "a/b", "a/file"])("%s is opened", async (path) => {
    expect(await opened(path)).toBe(path);
  });

  it("is made where it is missing, with the mode of the volume", async () => {
    await chmod(volume, 0o2770);
    expect(await opened("a/new/one")).toBe("a/new/one");
    for (const path of ["a/new", "a/new/one"]) expect((await stat(join(volume, path))).mode & 0o7777).toBe(0o2770);
  });

  it("may lead through links that stay in it", async () => {
    await symlink("a", join(volume, "near"));
    await symlink(join(volume, "a"), join(volume, "absolute"));
    expect(await opened("near/file")).toBe("a/file");
    expect(await opened("absolute/b")).toBe("a/b");
    expect(await opened("near/made")).toBe("a/made");
  });

  it("may begin at a volume that is a link itself", async () => {
    await rename(volume, join(directory, "real"));
    await symlink("real", volume);
    await using place = await openInside(volume, "a", { ownerId: 0 });
    expect(await readlink(`/proc/self/fd/${place.fd}`)).toBe(join(directory, "real/a"));
  });
});

describe("a path out of a volume", () => {
  it.each([
    ["by a link above", "../outside"],
    ["by an absolute link", "/etc"],
  ])("is refused: %s", async (_, target) => {
    await symlink(target, join(volume, "link"));
    await expect(opened("link")).rejects.toThrow("is not in the volume");
    await expect(opened("link/deeper")).rejects.toThrow("is not in the volume");
  });

  it("is refused although the link dangles", async () => {
    await symlink("../outside/new", join(volume, "link"));
    await expect(opened("link")).rejects.toThrow();
    await expect(stat(join(directory, "outside/new"))).rejects.toThrow("ENOENT");
  });

  it("is refused through a file", async () => {
    await expect(opened("a/file/x")).rejects.toThrow("ENOTDIR");
  });

  it("is never opened while somebody swaps a link in and out", async () => {
    let swapping = true;
    // What is opened meanwhile may be made anew, so that a step finds its name taken: the next round begins again.
    const swap = async () => {
      await rename(join(volume, "a"), join(volume, "aside"));
      await symlink("../outside", join(volume, "a"));
      await rm(join(volume, "a"), { recursive: true, force: true });
      await rename(join(volume, "aside"), join(volume, "a"));
    };
    const swaps = (async () => {
      while (swapping) {
        await swap().catch(async () => {
          for (const name of ["a", "aside"])
            await rm(join(volume, name), { recursive: true, force: true }).catch(() => {});
          await mkdir(join(volume, "a/b"), { recursive: true }).catch(() => {});
        });
      }
    })();
    const places = new Set<string>();
    for (let tries = 0; tries < 2_000; tries += 1) places.add(await opened("a/b").catch(() => "refused"));
    swapping = false;
    await swaps;
    expect([...places].filter((place) => !/^(a|aside)\/b( \(deleted\))?$|^refused$/.test(place))).toEqual([]);
    expect(await stat(join(directory, "outside/b")).catch(() => undefined)).toBeUndefined();
  });
});
