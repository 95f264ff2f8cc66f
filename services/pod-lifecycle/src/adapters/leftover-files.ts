import { readdir } from "node:fs/promises";
import { type NodeDirectories, podPaths } from "../domain/pod-paths.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";

/** Pods that have files on this machine, whoever else still knows of them. Where only the uid is known, names are empty. */
export async function podsWithFiles(directories: NodeDirectories): Promise<PodIdentity[]> {
  const [logs, state, run] = await Promise.all([
    names(`${directories.stateDir}/logs/pods`),
    names(podPaths.allStates(directories)),
    names(podPaths.allRuns(directories)),
  ]);
  const found = new Map<string, PodIdentity>();
  for (const uid of [...state, ...run]) found.set(uid, { uid, namespace: "", name: "" });
  for (const directory of logs) {
    // Neither a namespace nor a pod's name has an underscore in it.
    const [namespace = "", name = "", uid = ""] = directory.split("_");
    if (uid) found.set(uid, { uid, namespace, name });
  }
  return [...found.values()];
}

/** A directory that is not there has nothing in it. */
const names = (path: string): Promise<string[]> => readdir(path).catch(() => []);
