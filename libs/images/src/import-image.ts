import { spawn } from "node:child_process";
import { requireBinary } from "@podbus/binaries";
import { PodbusError } from "@podbus/errors";
import type { ImageTree } from "./image.ts";
import { buildPauseImage, pauseImage } from "./known-images.ts";
import { layoutArchive } from "./oci-layout.ts";

export interface ImportTarget {
  /** Path of containerd's socket. */
  readonly socket: string;
  /** "localhost/podbus/pause:1". */
  readonly name: string;
  readonly signal?: AbortSignal;
}

/** Puts an image into containerd, in the namespace where CRI looks. Safe to repeat. */
export async function importImage(image: ImageTree, { socket, name, signal }: ImportTarget): Promise<void> {
  await ctr(["--address", socket, "--namespace", "k8s.io", "images", "import", "-"], {
    input: layoutArchive(image, name),
    ...(signal ? { signal } : {}),
  });
}

/** Every sandbox needs the pause image, and no registry may be in reach: it is made here and never collected. */
export async function importPauseImage(socket: string, signal?: AbortSignal): Promise<void> {
  const bounded = signal ? { signal } : {};
  await importImage(await buildPauseImage(), { socket, name: pauseImage, ...bounded });
  const pinned = "io.cri-containerd.pinned=pinned";
  await ctr(["--address", socket, "--namespace", "k8s.io", "images", "label", pauseImage, pinned], bounded);
}

interface CtrOptions {
  readonly input?: Buffer;
  readonly signal?: AbortSignal;
}

function ctr(args: readonly string[], { input, signal }: CtrOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(requireBinary("ctr"), [...args], {
      stdio: ["pipe", "ignore", "pipe"],
      ...(signal ? { signal } : {}),
    });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const message = `ctr ${args.slice(4).join(" ")}: ${Buffer.concat(said).toString().trim()}`;
      reject(new PodbusError({ code: "INTERNAL", message }));
    });
    // It may end before it has read everything; its exit code tells why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
