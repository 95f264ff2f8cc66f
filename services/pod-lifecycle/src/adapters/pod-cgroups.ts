import { existsSync } from "node:fs";
import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import { classShares, cpuShares, podCgroupPath, podHugePages, podLimits } from "../domain/linux-resources.ts";
import { cpuMilli, wholeValue } from "../domain/quantities.ts";
import type { PodCgroups } from "../ports.ts";
import { type CgroupLimits, limitSplit, limitUnified } from "./cgroup-limits.ts";

export interface PodCgroupsOptions {
  readonly log: Logger;
  /** The pods' cgroup in every hierarchy: "/kubepods". */
  readonly root: string;
  /** Processes and threads of one pod; undefined for any number. */
  readonly podPidsLimit?: number | undefined;
  /** Default: /sys/fs/cgroup. */
  readonly mount?: string;
}

const removalTries = 5;

/**
 * Pod cgroups by the file system, version 1 or 2. Where this process may not make them, the runtime does, without
 * limits of the pod as a whole: nothing here stops a pod.
 */
export class LocalPodCgroups implements PodCgroups {
  readonly unified: boolean;
  readonly #options: PodCgroupsOptions;
  readonly #mount: string;
  /** How often a cgroup was found in use at its removal. */
  readonly #busy = new Map<string, number>();

  constructor(options: PodCgroupsOptions) {
    this.#options = options;
    this.#mount = options.mount ?? "/sys/fs/cgroup";
    this.unified = existsSync(join(this.#mount, "cgroup.controllers"));
  }

  async ensure(pod: Pod): Promise<string> {
    const path = podCgroupPath(this.#options.root, pod);
    const limits = { ...podLimits(pod), pids: this.#options.podPidsLimit, hugePages: podHugePages(pod) };
    await this.#limit(path, limits).catch((err) =>
      this.#options.log.debug({ err, path }, "the pod's cgroup could not be made; the runtime will"),
    );
    return path;
  }

  /** kubelet: pkg/kubelet/cm/node_container_manager_linux.go enforceNodeAllocatableCgroups. */
  async enforce(allocatable: Readonly<Record<string, string>>): Promise<void> {
    const limits = {
      cpuShares: cpuShares(cpuMilli(allocatable.cpu)),
      cpuQuotaUs: 0,
      memoryBytes: wholeValue(allocatable.memory),
    };
    await this.#limit(this.#options.root, limits);
  }

  async weigh(pods: readonly Pod[]): Promise<void> {
    const { root, log } = this.#options;
    const weighed = Object.entries(classShares(pods)).map(async ([name, shares]) => {
      const path = `${root}/${name}`;
      await this.#limit(path, { cpuShares: shares, cpuQuotaUs: 0, memoryBytes: 0 }).catch((err) =>
        log.debug({ err, path }, "the class keeps the weight that it has"),
      );
    });
    await Promise.all(weighed);
  }

  #limit(path: string, limits: CgroupLimits): Promise<void> {
    return (this.unified ? limitUnified : limitSplit)(this.#mount, path, limits);
  }

  async remove(pod: Pod): Promise<void> {
    const hierarchies = this.unified ? [""] : await readdir(this.#mount).catch(() => []);
    // Of a pod that is gone from the API only the uid is known, not its class.
    const paths = ["", "/burstable", "/besteffort"].map((qos) => `${this.#options.root}${qos}/pod${pod.metadata.uid}`);
    await Promise.all(
      hierarchies.flatMap((hierarchy) => paths.map((path) => this.#removeOne(join(this.#mount, hierarchy, path)))),
    );
  }

  /** Whatever still runs in it was left by a runtime that died in the middle: it is killed, and its cgroup removed in turn. */
  async #removeOne(path: string): Promise<void> {
    const inside = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const child of inside) if (child.isDirectory()) await this.#removeOne(join(path, child.name));
    const text = inside.length > 0 ? await readFile(join(path, "cgroup.procs"), "utf8").catch(() => "") : "";
    for (const pid of text.split("\n").map(Number)) if (pid > 0) this.#kill(pid);
    try {
      await rmdir(path);
    } catch (thrown) {
      const err = thrown as NodeJS.ErrnoException;
      if (err.code === "EBUSY" && this.#mayTryAgain(path)) {
        throw new PodbusError({ code: "UNAVAILABLE", message: `${path} is still in use`, cause: err });
      }
      if (err.code !== "ENOENT" && err.code !== "ENOTDIR") this.#options.log.warn({ err, path }, "a cgroup stays");
    }
    this.#busy.delete(path);
  }

  /** A killed process needs a moment to be gone; one that we cannot even see must not keep the pod for ever. */
  #mayTryAgain(path: string): boolean {
    const tries = (this.#busy.get(path) ?? 0) + 1;
    this.#busy.set(path, tries);
    return tries < removalTries;
  }

  #kill(pid: number): void {
    try {
      process.kill(pid, "SIGKILL");
    } catch (err) {
      this.#options.log.debug({ err, pid }, "a process of a removed pod could not be killed");
    }
  }
}
