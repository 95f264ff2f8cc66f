import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Pod } from "@podbus/kube";
import { aliases, etcHosts } from "../domain/etc-hosts.ts";
import { hookNames, type NodeDirectories, podPaths } from "../domain/pod-paths.ts";
import type { PodFiles } from "../ports.ts";
import { ensureSharedFile } from "./shared-file.ts";
import { unlessAbsent } from "./unless-absent.ts";

/** The files of a pod that are not volumes. Everything may be repeated. */
export class LocalPodFiles implements PodFiles {
  readonly #directories: NodeDirectories;
  readonly #clusterDomain: string;

  constructor(directories: NodeDirectories, clusterDomain: string) {
    this.#directories = directories;
    this.#clusterDomain = clusterDomain;
  }

  async ensureLogDirectory(pod: Pod): Promise<string> {
    const path = podPaths.logs(this.#directories, pod);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Makes the log's directory and the file for the container's last words; answers the latter's path. */
  async ensureContainerFiles(pod: Pod, container: string, attempt: number): Promise<string> {
    const message = podPaths.terminationMessage(this.#directories, pod, container, attempt);
    const log = `${podPaths.logs(this.#directories, pod)}/${podPaths.log(container, attempt)}`;
    await Promise.all([mkdir(dirname(log), { recursive: true }), mkdir(dirname(message), { recursive: true })]);
    await writeFile(message, "", { flag: "a" });
    // Any user in the container may write it, whatever our umask is.
    await chmod(message, 0o666);
    return message;
  }

  async ensureHosts(pod: Pod, podIps: readonly string[]): Promise<string | undefined> {
    const onHost = pod.spec.hostNetwork ?? false;
    if (onHost && (pod.spec.hostAliases ?? []).length === 0) return undefined;
    const path = podPaths.hosts(this.#directories, pod);
    const content = onHost
      ? `${await readFile("/etc/hosts", "utf8")}${aliases(pod)}`
      : etcHosts(pod, podIps, this.#clusterDomain);
    await mkdir(dirname(path), { recursive: true });
    await ensureSharedFile(path, content, 0o644);
    return path;
  }

  async removeRun(pod: Pod, container: string, attempt: number): Promise<void> {
    const log = `${podPaths.logs(this.#directories, pod)}/${podPaths.log(container, attempt)}`;
    const message = podPaths.terminationMessage(this.#directories, pod, container, attempt);
    const hooks = hookNames.map((hook) => podPaths.hookEnd(this.#directories, pod, { container, attempt, hook }));
    const paths = [log, ...(await putAside(log)), message, ...hooks];
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  }

  async removeAll(pod: Pod): Promise<void> {
    const paths = [podPaths.state(this.#directories, pod), podPaths.logs(this.#directories, pod)];
    await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** What rotation has made of a log, finished or not. */
async function putAside(log: string): Promise<string[]> {
  const names = await unlessAbsent(readdir(dirname(log)), []);
  return names.filter((name) => name.startsWith(`${basename(log)}.`)).map((name) => join(dirname(log), name));
}
