import type { EnsuredImage } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { withSpan } from "@podbus/telemetry";
import { imageFailure } from "../../domain/image-failure.ts";
import { containerNamed, type PodTask } from "../pod-task.ts";
import { runtimeHandlerOf } from "../runtime-handler.ts";

/** The container's image is on the node, or its refusal is known. */
export async function pullImage(task: PodTask, { container: name }: { readonly container: string }): Promise<void> {
  const { services, progress, signal } = task;
  try {
    const image = await withSpan(services.tracer, `pull ${name}`, {}, () => ensureImage(task, name));
    progress.images.set(name, { kind: "ready", imageRef: image.imageRef, imageId: image.repoDigest || image.imageRef });
  } catch (thrown) {
    const refusal = imageFailure(toPodbusError(thrown), services.clock.monotonic());
    if (!refusal || signal.aborted) throw thrown;
    progress.images.set(name, refusal);
  }
}

async function ensureImage(task: PodTask, name: string): Promise<EnsuredImage> {
  const { services, pod, ref, signal } = task;
  const { image = "", imagePullPolicy = "IfNotPresent" } = containerNamed(pod, name);
  const runtimeHandler = await runtimeHandlerOf(task);
  const imagePullSecrets = (pod.spec.imagePullSecrets ?? []).flatMap((secret) => (secret.name ? [secret.name] : []));
  const request = {
    pod: ref,
    containerName: name,
    image,
    pullPolicy: imagePullPolicy,
    runtimeHandler,
    imagePullSecrets,
  };
  for await (const { update } of services.images.ensureImage(request, { signal })) {
    if (update.case === "image") return update.value;
  }
  throw new PodbusError({ code: "UNAVAILABLE", message: "the image-puller ended without a result" });
}
