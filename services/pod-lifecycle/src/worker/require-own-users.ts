import { readFile } from "node:fs/promises";
import { PodbusError } from "@podbus/errors";
import type { IdRange } from "../domain/user-namespace.ts";
import type { PodTask } from "./pod-task.ts";

/**
 * A runtime that does not know of user namespaces would run the pod with the host's users and say nothing: what it made is
 * looked at before anything runs in it, once in the life of this process, and thrown away if it is not what was asked for.
 */
export async function requireOwnUsers(
  { services, progress }: PodTask,
  podSandboxId: string,
  users: IdRange | undefined,
): Promise<void> {
  if (!users || progress.sandboxesWithOwnUsers.has(podSandboxId)) return;
  const { runtime } = services.cri;
  const { info } = await runtime.podSandboxStatus({ podSandboxId, verbose: true });
  if (await runsWith(users, info)) {
    progress.sandboxesWithOwnUsers.add(podSandboxId);
    return;
  }
  await runtime.stopPodSandbox({ podSandboxId });
  await runtime.removePodSandbox({ podSandboxId });
  throw new PodbusError({
    code: "FAILED_PRECONDITION",
    message: "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
  });
}

/** containerd and CRI-O tell the first process of a sandbox in the details of its status. */
async function runsWith({ hostId }: IdRange, details: Readonly<Record<string, string>>): Promise<boolean> {
  const { pid } = JSON.parse(details.info ?? "{}") as { readonly pid?: number };
  if (!pid) return false;
  const [inside, outside] = (await readFile(`/proc/${pid}/uid_map`, "utf8")).trim().split(/\s+/);
  return inside === "0" && outside === String(hostId);
}
