import { PodbusError, toPodbusError } from "@podbus/errors";
import type { RuntimeClass } from "@podbus/kube";
import type { PodTask } from "./pod-task.ts";

/**
 * What the runtime calls the pod's RuntimeClass; "" for its default. A class's handler never changes, so it is asked for
 * once. kubelet: LookupRuntimeHandler (pkg/kubelet/runtimeclass).
 */
export async function runtimeHandlerOf({ services, pod, ref, progress, signal }: PodTask): Promise<string> {
  const name = pod.spec.runtimeClassName;
  if (!name) return "";
  progress.runtimeHandler ??= await fetchHandler();
  return progress.runtimeHandler;

  async function fetchHandler(): Promise<string> {
    try {
      const request = { pod: ref, resource: "runtimeclasses", name: name ?? "" };
      const { objectJson } = await services.api.getPodDependency(request, { signal });
      return (JSON.parse(Buffer.from(objectJson).toString()) as RuntimeClass).handler;
    } catch (thrown) {
      const { code, message } = toPodbusError(thrown);
      throw new PodbusError({ code, message: `failed to get sandbox runtime: ${message}`, cause: thrown });
    }
  }
}
