import type { z } from "zod";
import { is, listBy, listByRetaining, listOf, may, objectType } from "../../schema/fields.ts";
import { resourceRequirementsSchema } from "./container-schema.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const podConditionSchema = objectType(core("PodCondition"), {
  type: is.string,
  status: is.string,
  lastProbeTime: may.time,
  lastTransitionTime: may.time,
  reason: may.string,
  message: may.string,
});
export type PodCondition = z.infer<typeof podConditionSchema>;

export const containerStateSchema = objectType(core("ContainerState"), {
  waiting: objectType(core("ContainerStateWaiting"), { reason: may.string, message: may.string }).optional(),
  running: objectType(core("ContainerStateRunning"), { startedAt: may.time }).optional(),
  terminated: objectType(core("ContainerStateTerminated"), {
    exitCode: is.int32,
    signal: may.int32,
    reason: may.string,
    message: may.string,
    startedAt: may.time,
    finishedAt: may.time,
    containerID: may.string,
  }).optional(),
});
export type ContainerState = z.infer<typeof containerStateSchema>;

export const containerStatusSchema = objectType(core("ContainerStatus"), {
  name: is.string,
  state: containerStateSchema.optional(),
  lastState: containerStateSchema.optional(),
  ready: is.boolean,
  restartCount: is.int32,
  image: is.string,
  imageID: is.string,
  containerID: may.string,
  started: may.boolean,
  allocatedResources: may.resourceList,
  resources: resourceRequirementsSchema.optional(),
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;

export const podStatusSchema = objectType(
  core("PodStatus"),
  {
    phase: may.string,
    conditions: listBy("type", podConditionSchema).optional(),
    message: may.string,
    reason: may.string,
    nominatedNodeName: may.string,
    hostIP: may.string,
    hostIPs: listOf(objectType(core("HostIP"), { ip: is.string })).optional(),
    podIP: may.string,
    podIPs: listBy("ip", objectType(core("PodIP"), { ip: is.string })).optional(),
    startTime: may.time,
    initContainerStatuses: listOf(containerStatusSchema).optional(),
    containerStatuses: listOf(containerStatusSchema).optional(),
    qosClass: may.string,
    ephemeralContainerStatuses: listOf(containerStatusSchema).optional(),
    resize: may.string,
    resourceClaimStatuses: listByRetaining(
      "name",
      objectType(core("PodResourceClaimStatus"), { name: is.string, resourceClaimName: may.string }),
    ).optional(),
  },
  "What is known of a pod's life; written by the node that runs it.",
);
export type PodStatus = z.infer<typeof podStatusSchema>;
