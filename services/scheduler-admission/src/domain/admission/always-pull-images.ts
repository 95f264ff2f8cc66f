import type { Pod, PodSpec } from "@podbus/kube";
import { type AdmissionStep, admit, isPodCreation } from "./admission-step.ts";

type Container = Pick<PodSpec["containers"][number], "image" | "imagePullPolicy">;

/**
 * Every image is asked for at its registry, so that nobody runs a private image only because it is on the node already.
 * Off unless it is enabled. Kubernetes: plugin/pkg/admission/alwayspullimages/admission.go.
 */
export const alwaysPullImages: AdmissionStep = {
  name: "AlwaysPullImages",
  appliesTo: (request) =>
    isPodCreation(request) ||
    (request.operation === "update" &&
      request.resource.storageResource === "pods" &&
      (request.subresource === "" || request.subresource === "ephemeralcontainers") &&
      bringsImages(request.object as Pod, request.oldObject as Pod)),
  review({ object }) {
    const pod = object as Pod;
    const { initContainers, containers, ephemeralContainers } = pod.spec;
    return admit({
      ...pod,
      spec: {
        ...pod.spec,
        containers: containers.map(pulledAlways),
        ...(initContainers ? { initContainers: initContainers.map(pulledAlways) } : {}),
        ...(ephemeralContainers ? { ephemeralContainers: ephemeralContainers.map(pulledAlways) } : {}),
      },
    } as Pod);
  },
};

const pulledAlways = <C extends Container>(container: C): C => ({ ...container, imagePullPolicy: "Always" });

function bringsImages(pod: Pod, old: Pod): boolean {
  const before = new Set(imagesOf(old));
  return imagesOf(pod).some((image) => !before.has(image));
}

const imagesOf = ({ spec }: Pod) =>
  [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(({ image }) => image);
