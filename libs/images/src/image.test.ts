import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, buildIndex, digestOf, type ImageTree } from "./image.ts";
import { writeLayout } from "./oci-layout.ts";
import { packTar, type TarEntry } from "./tar.ts";

const run = promisify(execFile);

const entries: readonly TarEntry[] = [
  { kind: "directory", path: "bin" },
  { kind: "file", path: "bin/tool", mode: 0o755, content: "#!/bin/sh\n" },
  { kind: "file", path: "large", content: "x".repeat(1025) },
  { kind: "symlink", path: "bin/alias", target: "tool" },
];
const content = { layers: [entries], config: { Cmd: ["/bin/tool"] } };

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "podbus-images-"));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe("packTar", () => {
  test("the system's tar reads what we pack", async () => {
    await writeFile(join(dir, "a.tar"), packTar(entries));
    const { stdout } = await run("tar", ["-tvf", join(dir, "a.tar")]);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/))
        .map(([mode, , size, , , ...name]) => [mode, size, ...name]),
    ).toEqual([
      ["drwxr-xr-x", "0", "bin/"],
      ["-rwxr-xr-x", "10", "bin/tool"],
      ["-rw-r--r--", "1025", "large"],
      ["lrwxrwxrwx", "0", "bin/alias", "->", "tool"],
    ]);
  });

  test("a path that does not fit is refused", () => {
    expect(() => packTar([{ kind: "directory", path: "d".repeat(100) }])).toThrow(/too long for a tar header/);
  });
});

describe("buildImage", () => {
  test("the same content gives the same digest, another content another one", () => {
    const digest = (image: ImageTree) => image.root.descriptor.digest;
    expect(digest(buildImage(content))).toBe(digest(buildImage(content)));
    expect(digest(buildImage(content))).not.toBe(digest(buildImage({ ...content, config: {} })));
  });

  test("the configuration names the uncompressed layers, the manifest the compressed ones", () => {
    const { root, blobs } = buildImage(content);
    const manifest = JSON.parse(root.bytes.toString());
    const byDigest = new Map(blobs.map((blob) => [blob.descriptor.digest, blob.bytes]));
    const config = JSON.parse(byDigest.get(manifest.config.digest)?.toString() ?? "");
    const layer = byDigest.get(manifest.layers[0].digest) ?? Buffer.alloc(0);
    expect(config.rootfs.diff_ids).toEqual([digestOf(gunzipSync(layer))]);
    expect(config.config).toEqual({ Cmd: ["/bin/tool"] });
    expect(manifest.layers[0].size).toBe(layer.length);
  });

  test("an index names each platform's manifest and carries all of them", () => {
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const index = buildIndex(platforms.map((platform) => buildImage({ ...content, platform })));
    const { manifests } = JSON.parse(index.root.bytes.toString());
    expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual(platforms);
    const carried = index.blobs.map(({ descriptor }) => descriptor.digest);
    for (const { digest } of manifests) expect(carried).toContain(digest);
  });
});

test("a layout has every blob under its digest and the root in its index", async () => {
  const image = buildImage(content);
  await writeLayout(join(dir, "layout"), image, "demo/tool:1");
  const index = JSON.parse(await readFile(join(dir, "layout", "index.json"), "utf8"));
  expect(index.manifests[0]).toMatchObject({
    digest: image.root.descriptor.digest,
    annotations: { "org.opencontainers.image.ref.name": "1", "io.containerd.image.name": "demo/tool:1" },
  });
  for (const { descriptor } of [image.root, ...image.blobs]) {
    const bytes = await readFile(join(dir, "layout", "blobs", descriptor.digest.replace(":", "/")));
    expect(digestOf(bytes)).toBe(descriptor.digest);
  }
});
