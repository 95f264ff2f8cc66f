import { readFile } from "node:fs/promises";
import { type PodDns, parseResolvConf, podDns } from "../domain/pod-dns.ts";
import type { PodTask } from "./pod-task.ts";

/** The resolver's settings for the pod, from this node's as they are now. */
export async function sandboxDns({ services, pod }: PodTask): Promise<PodDns> {
  const { cluster, resolvConf } = services.node.dns;
  return podDns(pod, parseResolvConf(await textOf(resolvConf)), cluster);
}

/** A machine without the file has no name servers to offer. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
