import { loadBusybox } from "./busybox.ts";
import { buildImage, type ImageTree, type Platform } from "./image.ts";
import type { TarEntry } from "./tar.ts";

/** The image of every sandbox. A new content takes a new tag: nodes that have the old one must notice. */
export const pauseImage = "localhost/podbus/pause:1";

/**
 * The first process of every pod: it holds the namespaces, reaps orphans of a shared process namespace (the shell's
 * wait collects any child) and ends at TERM at once. The sleeping child is ended too, for pods in the host's process
 * namespace, where nobody else would.
 */
const pauseScript = "trap 'kill $!; exit 0' TERM INT; while :; do /bin/busybox sleep 86400 & wait $!; done";

export async function buildPauseImage(): Promise<ImageTree> {
  const { program } = await loadBusybox();
  return buildImage({
    layers: [[directory("bin"), { kind: "file", path: "bin/busybox", mode: 0o755, content: program }]],
    config: { Entrypoint: ["/bin/busybox", "sh", "-c", pauseScript], WorkingDir: "/", User: "65535:65535" },
  });
}

export interface BusyboxImageOptions {
  /** More entries, in a layer of their own. */
  readonly extra?: readonly TarEntry[];
  readonly config?: Parameters<typeof buildImage>[0]["config"];
  /** A platform to pretend, for tests of images that do not fit this machine. */
  readonly platform?: Platform;
}

/** A small image with a shell, httpd, nc and the rest of busybox; what demos and tests run. */
export async function buildBusyboxImage(options: BusyboxImageOptions = {}): Promise<ImageTree> {
  const { program, applets } = await loadBusybox();
  const base: TarEntry[] = [
    ...["bin", "dev", "etc", "home", "proc", "root", "sys", "usr", "usr/bin", "var", "var/www"].map(directory),
    { kind: "directory", path: "tmp", mode: 0o1777 },
    { kind: "file", path: "bin/busybox", mode: 0o755, content: program },
    ...applets.map((applet): TarEntry => ({ kind: "symlink", path: `bin/${applet}`, target: "busybox" })),
    { kind: "symlink", path: "usr/bin/env", target: "/bin/busybox" },
    {
      kind: "file",
      path: "etc/passwd",
      content: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/home:/bin/false\n",
    },
    { kind: "file", path: "etc/group", content: "root:x:0:\nnogroup:x:65534:\n" },
  ];
  return buildImage({
    layers: options.extra ? [base, options.extra] : [base],
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["sh"],
      ...options.config,
    },
    ...(options.platform ? { platform: options.platform } : {}),
  });
}

function directory(path: string): TarEntry {
  return { kind: "directory", path };
}
