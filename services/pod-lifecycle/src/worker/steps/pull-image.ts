import type { EnsuredImage } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { withSpan } from "@podbus/telemetry";
import { imageFailure } from "../../domain/image-failure.ts";
import { isStaticPod } from "../../domain/static-pod.ts";
import { containerNamed, type PodTask } from "../pod-task.ts";
import { runtimeHandlerOf } from "../runtime-handler.ts";

/** The container's image is on the node, or its refusal is known. */
export async function pullImage(task: PodTask, { container: name }: { readonly container: string }): Promise<void> {
  const { services, progress, signal } = task;
  try {
    const image = await withSpan(services.tracer, `pull ${name}`, {}, () => ensureOrFindImage(task, name));
    progress.images.set(name, { kind: "ready", imageRef: image.imageRef, imageId: image.repoDigest || image.imageRef });
  } catch (thrown) {
    const refusal = imageFailure(toPodbusError(thrown), services.clock.monotonic());
    if (!refusal || signal.aborted) throw thrown;
    progress.images.set(name, refusal);
  }
}

/** A static pod starts without a bus, where its image is on the node and need not be asked for. */
async function ensureOrFindImage(task: PodTask, name: string): Promise<Pick<EnsuredImage, "imageRef" | "repoDigest">> {
  try {
    return await ensureImage(task, name);
  } catch (thrown) {
    const { imagePullPolicy } = containerNamed(task.pod, name);
    const away = toPodbusError(thrown).code === "UNAVAILABLE" && !task.signal.aborted;
    const found = away && isStaticPod(task.pod) && imagePullPolicy !== "Always" && (await findImage(task, name));
    if (!found) throw thrown;
    return found;
  }
}

async function findImage({ services, pod }: PodTask, name: string) {
  const { image } = await services.cri.image.imageStatus({ image: { image: containerNamed(pod, name).image ?? "" } });
  return image && { imageRef: image.id, repoDigest: image.repoDigests[0] ?? "" };
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
