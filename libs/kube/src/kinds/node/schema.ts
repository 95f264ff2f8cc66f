import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const taintSchema = objectType(core("Taint"), {
  key: is.string,
  value: may.string,
  effect: is.string,
  timeAdded: may.time,
});
export type Taint = z.infer<typeof taintSchema>;

const nodeConfigSourceSchema = objectType(core("NodeConfigSource"), {
  configMap: objectType(core("ConfigMapNodeConfigSource"), {
    namespace: is.string,
    name: is.string,
    uid: may.string,
    resourceVersion: may.string,
    kubeletConfigKey: is.string,
  }).optional(),
});

export const nodeSpecSchema = objectType(core("NodeSpec"), {
  podCIDR: may.string,
  podCIDRs: may.mergedStrings,
  providerID: may.string,
  unschedulable: may.boolean,
  taints: listOf(taintSchema).optional(),
  configSource: nodeConfigSourceSchema.optional(),
  externalID: may.string,
});
export type NodeSpec = z.infer<typeof nodeSpecSchema>;

export const nodeConditionSchema = objectType(core("NodeCondition"), {
  type: is.string,
  status: is.string,
  lastHeartbeatTime: may.time,
  lastTransitionTime: may.time,
  reason: may.string,
  message: may.string,
});
export type NodeCondition = z.infer<typeof nodeConditionSchema>;

export const nodeSystemInfoSchema = objectType(core("NodeSystemInfo"), {
  machineID: is.string,
  systemUUID: is.string,
  bootID: is.string,
  kernelVersion: is.string,
  osImage: is.string,
  containerRuntimeVersion: is.string,
  kubeletVersion: is.string,
  kubeProxyVersion: is.string,
  operatingSystem: is.string,
  architecture: is.string,
});
export type NodeSystemInfo = z.infer<typeof nodeSystemInfoSchema>;

export const nodeStatusSchema = objectType(core("NodeStatus"), {
  capacity: may.resourceList,
  allocatable: may.resourceList,
  phase: may.string,
  conditions: listBy("type", nodeConditionSchema).optional(),
  addresses: listBy("type", objectType(core("NodeAddress"), { type: is.string, address: is.string })).optional(),
  daemonEndpoints: objectType(core("NodeDaemonEndpoints"), {
    kubeletEndpoint: objectType(core("DaemonEndpoint"), { Port: is.int32 }).optional(),
  }).optional(),
  nodeInfo: nodeSystemInfoSchema.optional(),
  images: listOf(objectType(core("ContainerImage"), { names: may.strings, sizeBytes: may.int64 })).optional(),
  volumesInUse: may.strings,
  volumesAttached: listOf(objectType(core("AttachedVolume"), { name: is.string, devicePath: is.string })).optional(),
  config: objectType(core("NodeConfigStatus"), {
    assigned: nodeConfigSourceSchema.optional(),
    active: nodeConfigSourceSchema.optional(),
    lastKnownGood: nodeConfigSourceSchema.optional(),
    error: may.string,
  }).optional(),
  runtimeHandlers: listOf(
    objectType(core("NodeRuntimeHandler"), {
      name: may.string,
      features: objectType(core("NodeRuntimeHandlerFeatures"), {
        recursiveReadOnlyMounts: may.boolean,
        userNamespaces: may.boolean,
      }).optional(),
    }),
  ).optional(),
  features: objectType(core("NodeFeatures"), { supplementalGroupsPolicy: may.boolean }).optional(),
});
export type NodeStatus = z.infer<typeof nodeStatusSchema>;

export const nodeSchema = objectType(
  core("Node"),
  { ...typedObjectShape, spec: nodeSpecSchema.optional(), status: nodeStatusSchema.optional() },
  "A machine that runs pods.",
);
export type Node = z.infer<typeof nodeSchema>;
