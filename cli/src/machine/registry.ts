import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { buildBusyboxImage, pushImage, renderRegistryConfig } from "@podbus/images";
import { type SupervisedChild, type SupervisorDeps, superviseChild } from "./supervised-child.ts";

/** A docker-registry of our own below `dir`, over plain http on 127.0.0.1. */
export async function startRegistry(dir: string, port: number, deps: SupervisorDeps): Promise<SupervisedChild> {
  await mkdir(dir, { recursive: true });
  const configFile = join(dir, "registry.yaml");
  await writeFile(configFile, renderRegistryConfig({ dir: join(dir, "blobs"), port }));
  return superviseChild(
    {
      name: "docker-registry",
      command: requireBinary("docker-registry"),
      args: ["serve", configFile],
      pidFile: join(dir, "registry.pid"),
      logFile: join(dir, "registry.log"),
      ready: (signal) => answers(`http://127.0.0.1:${port}/v2/`, signal, deps),
    },
    deps,
  );
}

/** Packs the image that the examples use from Debian's static busybox, and pushes it. */
export async function pushExampleImage(port: number): Promise<string> {
  const [registry, repository, tag] = [`127.0.0.1:${port}`, "podbus/busybox", "1"];
  const www = { kind: "directory", path: "www", mode: 0o777 } as const;
  await pushImage(await buildBusyboxImage({ extra: [www] }), { registryUrl: `http://${registry}`, repository, tag });
  return `${registry}/${repository}:${tag}`;
}

async function answers(url: string, signal: AbortSignal, { clock }: SupervisorDeps): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(url, { signal }).catch(() => undefined); // Not listening yet.
    if (response?.ok) return;
    await clock.sleep(20, signal);
  }
}
