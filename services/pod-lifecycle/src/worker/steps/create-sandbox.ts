import { readFile } from "node:fs/promises";
import type { Cri } from "@podbus/cri";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { withSpan } from "@podbus/telemetry";
import { observedSandbox } from "../../adapters/observed-from-cri.ts";
import { sandboxConfig } from "../../domain/sandbox-config.ts";
import type { IdRange } from "../../domain/user-namespace.ts";
import type { PodTask } from "../pod-task.ts";
import { runtimeHandlerOf } from "../runtime-handler.ts";

/** The pod's cgroup, network and pause process. */
export async function createSandbox(task: PodTask, { attempt }: { readonly attempt: number }): Promise<void> {
  const { services, pod } = task;
  if (attempt > 0) {
    const message = "Pod sandbox changed, it will be killed and re-created.";
    services.events.record(pod, { type: "Normal", reason: "SandboxChanged", message });
  }
  await withSpan(services.tracer, "sandbox", { attributes: { attempt } }, async () => {
    try {
      await runSandbox(task, attempt);
    } catch (thrown) {
      const message = `Failed to create pod sandbox: ${toPodbusError(thrown).message}`;
      services.events.record(pod, { type: "Warning", reason: "FailedCreatePodSandBox", message });
      throw thrown;
    }
  });
}

async function runSandbox(task: PodTask, attempt: number): Promise<void> {
  const { services, pod, ref } = task;
  const { cri, node, runtime } = services;
  const [runtimeHandler, users, logDirectory, cgroupParent] = await Promise.all([
    runtimeHandlerOf(task),
    services.users.ensure(pod),
    services.files.ensureLogDirectory(pod),
    services.cgroups.ensure(pod),
  ]);
  const facts = { nodeName: node.name, attempt, logDirectory, cgroupParent, seccompDir: node.seccompDir, users };
  const { podSandboxId } = await cri.runtime.runPodSandbox({ config: sandboxConfig(pod, facts), runtimeHandler });
  if (users) await requireOwnUsers(cri, podSandboxId, users);
  // Its answer has no addresses; an event may have brought them already.
  const seen = runtime.observed(ref.uid).sandboxes.find((s) => s.id === podSandboxId);
  if (seen && (seen.ips.length > 0 || pod.spec.hostNetwork)) return;
  const { status } = await cri.runtime.podSandboxStatus({ podSandboxId });
  if (status) runtime.sawSandbox(ref, observedSandbox(status));
}

/**
 * A runtime that does not know the option would run the pod with the host's users and say nothing: what it made is looked
 * at, and thrown away if it is not what was asked for.
 */
async function requireOwnUsers({ runtime }: Cri, podSandboxId: string, users: IdRange): Promise<void> {
  const { info } = await runtime.podSandboxStatus({ podSandboxId, verbose: true });
  if (await runsWith(users, info)) return;
  await runtime.stopPodSandbox({ podSandboxId });
  await runtime.removePodSandbox({ podSandboxId });
  throw new PodbusError({
    code: "FAILED_PRECONDITION",
    message: "the container runtime does not support user namespaces, which spec.hostUsers: false asks for",
  });
}

/** containerd and CRI-O tell the first process of a sandbox in the details of its status. */
async function runsWith({ hostId }: IdRange, details: Readonly<Record<string, string>>): Promise<boolean> {
  const { pid } = JSON.parse(details.info ?? "{}") as { readonly pid?: number };
  if (!pid) return false;
  const [inside, outside] = (await readFile(`/proc/${pid}/uid_map`, "utf8")).trim().split(/\s+/);
  return inside === "0" && outside === String(hostId);
}
