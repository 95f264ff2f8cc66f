import { withSpan } from "@podbus/telemetry";
import type { PodTask } from "../pod-task.ts";

/** The sandbox's process is gone and its addresses are given back. */
export async function stopSandbox(
  { services, ref, progress }: PodTask,
  { id }: { readonly id: string },
): Promise<void> {
  await withSpan(services.tracer, "sandbox removal", { attributes: { phase: "stop" } }, async () => {
    await services.cri.runtime.stopPodSandbox({ podSandboxId: id });
    progress.stoppedSandboxes.add(id);
    const seen = services.runtime.observed(ref.uid).sandboxes.find((s) => s.id === id);
    if (seen) services.runtime.sawSandbox(ref, { ...seen, state: "not-ready" });
  });
}

/** The runtime forgets the sandbox and every container in it. */
export async function removeSandbox(
  { services, ref, progress }: PodTask,
  { id }: { readonly id: string },
): Promise<void> {
  await withSpan(services.tracer, "sandbox removal", { attributes: { phase: "remove" } }, async () => {
    const inside = services.runtime.observed(ref.uid).containers.filter((c) => c.sandboxId === id);
    await services.cri.runtime.removePodSandbox({ podSandboxId: id });
    for (const run of inside) services.runtime.sawRemoved(ref.uid, run.id);
    services.runtime.sawRemoved(ref.uid, id);
    progress.stoppedSandboxes.delete(id);
  });
}
