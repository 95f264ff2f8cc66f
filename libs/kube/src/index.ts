export {
  annotations,
  kubernetesVersion,
  labels,
  namespaceFinalizer,
  namespaces,
  podConditions,
  podPhases,
  taints,
} from "./constants.ts";
export { type ConfigMap, configMapSchema } from "./kinds/config-map/schema.ts";
export { type CoreEvent, coreEventSchema } from "./kinds/event/schema.ts";
export { type Eviction, evictionSchema } from "./kinds/eviction/schema.ts";
export { type Lease, leaseSchema } from "./kinds/lease/schema.ts";
export { type Namespace, namespaceSchema } from "./kinds/namespace/schema.ts";
export {
  type Node,
  type NodeCondition,
  type NodeSpec,
  type NodeStatus,
  type NodeSystemInfo,
  nodeSchema,
  type Taint,
} from "./kinds/node/schema.ts";
export type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  EphemeralContainer,
  HttpGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  ResourceRequirements,
  SecurityContext,
  VolumeMount,
} from "./kinds/pod/container-schema.ts";
export type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from "./kinds/pod/scheduling-schema.ts";
export { type Pod, type PodSecurityContext, type PodSpec, podSchema, podSpecSchema } from "./kinds/pod/schema.ts";
export {
  type ContainerState,
  type ContainerStatus,
  type PodCondition,
  type PodStatus,
  podStatusSchema,
} from "./kinds/pod/status-schema.ts";
export type { KeyToPath, Volume } from "./kinds/pod/volume-schema.ts";
export { type Secret, secretSchema } from "./kinds/secret/schema.ts";
export { type ServiceAccount, serviceAccountSchema } from "./kinds/service-account/schema.ts";
export type { FieldValidation, ResourceDefinition, Subresource, TableColumn, Verb } from "./resource-definition.ts";
export {
  type DeleteOptions,
  deleteOptionsSchema,
  type KubeObject,
  type LabelSelector,
  type ListMeta,
  labelSelectorSchema,
  type ObjectMeta,
  type OwnerReference,
  type Status,
  type StatusCause,
  statusSchema,
  type Table,
  type TableColumnDefinition,
  type TableRow,
} from "./schema/meta.ts";
export type { LocalObjectReference, ObjectReference } from "./schema/references.ts";
export * from "./status/builders.ts";
export { statusFromError } from "./status/from-error.ts";
export { StatusError } from "./status/status-error.ts";
export * from "./validation/field-error.ts";
