import { toPodbusError } from "@podbus/errors";
import { withSpan } from "@podbus/telemetry";
import { observedSandbox } from "../../adapters/observed-from-cri.ts";
import { sandboxConfig } from "../../domain/sandbox-config.ts";
import type { PodTask } from "../pod-task.ts";
import { requireOwnUsers } from "../require-own-users.ts";
import { runtimeHandlerOf } from "../runtime-handler.ts";
import { sandboxDns } from "../sandbox-dns.ts";

/** The pod's cgroup, network and pause process. */
export async function createSandbox(task: PodTask, { attempt }: { readonly attempt: number }): Promise<void> {
  const { services, pod, ref } = task;
  // Not where a name was given up: kubelet, SyncPod (pkg/kubelet/kuberuntime/kuberuntime_manager.go), by the id of the last one.
  if (services.runtime.observed(ref.uid).sandboxes.length > 0) {
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
  const [runtimeHandler, users, dns, logDirectory, cgroupParent] = await Promise.all([
    runtimeHandlerOf(task),
    services.users.ensure(pod),
    sandboxDns(task),
    services.files.ensureLogDirectory(pod),
    services.cgroups.ensure(pod),
  ]);
  for (const message of dns.warnings) {
    services.events.record(pod, { type: "Warning", reason: "DNSConfigForming", message });
  }
  const facts = {
    nodeName: node.name,
    attempt,
    logDirectory,
    cgroupParent,
    seccompDir: node.seccompDir,
    users,
    dns: dns.settings,
    clusterDomain: node.dns.cluster.domain,
  };
  const { podSandboxId } = await cri.runtime.runPodSandbox({ config: sandboxConfig(pod, facts), runtimeHandler });
  await requireOwnUsers(task, podSandboxId, users);
  // Its answer has no addresses; an event may have brought them already.
  const seen = runtime.observed(ref.uid).sandboxes.find((s) => s.id === podSandboxId);
  if (seen && (seen.ips.length > 0 || pod.spec.hostNetwork)) return;
  const { status } = await cri.runtime.podSandboxStatus({ podSandboxId });
  if (status) runtime.sawSandbox(ref, observedSandbox(status));
}
