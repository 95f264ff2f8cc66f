import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Pod } from "@podbus/kube";
import { type HookName, type NodeDirectories, podPaths } from "../domain/pod-paths.ts";
import type { HookEnd, HookedRun, HookJournal } from "../ports.ts";
import { unlessAbsent } from "./unless-absent.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * Which hooks have come to their end, one small file each beside the pod's others. A hook without an end is run again: at least
 * once, whoever was killed in its middle.
 */
export class LocalHookJournal implements HookJournal {
  readonly #directories: NodeDirectories;

  constructor(directories: NodeDirectories) {
    this.#directories = directories;
  }

  async endOf(pod: Pod, run: HookedRun, hook: HookName): Promise<HookEnd | undefined> {
    const text = await unlessAbsent(readFile(this.#path(pod, run, hook), "utf8"), "");
    const [id, result, ...message] = text.split("\n");
    if (id !== run.id || !result) return undefined;
    return { succeeded: result === "succeeded", message: message.join("\n") };
  }

  async keepEnd(pod: Pod, run: HookedRun, hook: HookName, { succeeded, message }: HookEnd): Promise<void> {
    const path = this.#path(pod, run, hook);
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, [run.id, succeeded ? "succeeded" : "failed", message].join("\n"), { mode: 0o600 });
  }

  #path(pod: Pod, { container, attempt }: HookedRun, hook: HookName): string {
    return podPaths.hookEnd(this.#directories, pod, { container, attempt, hook });
  }
}
