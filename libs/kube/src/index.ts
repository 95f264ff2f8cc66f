export {
  annotations,
  kubernetesVersion,
  labels,
  namespaceFinalizer,
  namespaces,
  podConditions,
  taints,
} from "./constants.ts";
export { type DecodedObject, decodeObject } from "./decode/decode-object.ts";
export { decodeValue } from "./decode/decoder.ts";
export { largestJsonBytes, parseDocument } from "./decode/parse-document.ts";
export { canonicalTime, formatMicroTime, formatTime, parseTime } from "./decode/time.ts";
export { defineResource, type ResourceSpec } from "./define-resource.ts";
export {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
} from "./discovery/discovery.ts";
export {
  applyFields,
  type Conflict,
  conflictMessage,
  type Manager,
  trackUpdate,
} from "./field-ownership/managers.ts";
export { defaultImagePullPolicy, type ImageNameParts, splitImageName } from "./image/image-name.ts";
export { cloneJson, equalJson, isJsonObject } from "./json.ts";
export {
  type ResourceAttributes,
  type SelfSubjectAccessReview,
  type SelfSubjectReview,
  type SelfSubjectRulesReview,
  type SubjectAccessReview,
  type TokenRequest,
  type TokenReview,
  tokenRequestSchema,
  type UserInfo,
} from "./kinds/access-review/schema.ts";
export { validateAccessReview } from "./kinds/access-review/validate.ts";
export { configMaps } from "./kinds/config-map/resource.ts";
export { type ConfigMap, configMapSchema } from "./kinds/config-map/schema.ts";
export { endpointSlices } from "./kinds/endpoint-slice/resource.ts";
export type { Endpoint, EndpointSlice } from "./kinds/endpoint-slice/schema.ts";
export { endpointsResource } from "./kinds/endpoints/resource.ts";
export type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from "./kinds/endpoints/schema.ts";
export { events, newStyleEvents } from "./kinds/event/resource.ts";
export { type CoreEvent, coreEventSchema, type NewStyleEvent } from "./kinds/event/schema.ts";
export { type Eviction, evictionSchema } from "./kinds/eviction/schema.ts";
export { leases } from "./kinds/lease/resource.ts";
export { type Lease, leaseSchema } from "./kinds/lease/schema.ts";
export { limitRanges } from "./kinds/limit-range/resource.ts";
export type { LimitRange } from "./kinds/limit-range/schema.ts";
export { namespacesResource } from "./kinds/namespace/resource.ts";
export { type Namespace, namespaceSchema } from "./kinds/namespace/schema.ts";
export { nodes } from "./kinds/node/resource.ts";
export {
  type Node,
  type NodeCondition,
  type NodeSpec,
  type NodeStatus,
  type NodeSystemInfo,
  nodeSchema,
  type Taint,
} from "./kinds/node/schema.ts";
export {
  type ConditionChange,
  isPodReady,
  isPodTerminal,
  podCondition,
  setPodCondition,
} from "./kinds/pod/conditions.ts";
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
export { defaultPod, defaultTolerations, fillPodSpec, withAdmissionDefaults } from "./kinds/pod/defaults.ts";
export { isMirrorPod } from "./kinds/pod/mirror-pod.ts";
export { type PrintedPod, printPod } from "./kinds/pod/print-status.ts";
export { type ProbeName, probePeriodMs } from "./kinds/pod/probe-periods.ts";
export { asksForToken, podReferences, type ReferencedResource } from "./kinds/pod/references.ts";
export { pods } from "./kinds/pod/resource.ts";
export {
  isSidecar,
  type PodResources,
  podLimits,
  podRequests,
  type QosClass,
  qosClass,
} from "./kinds/pod/resources.ts";
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
export { unsupportedPodFeatures } from "./kinds/pod/unsupported.ts";
export type { KeyToPath, Volume } from "./kinds/pod/volume-schema.ts";
export type { PodDisruptionBudget } from "./kinds/pod-disruption-budget/schema.ts";
export { priorityClasses } from "./kinds/priority-class/resource.ts";
export type { PriorityClass } from "./kinds/priority-class/schema.ts";
export { systemPriorityClasses } from "./kinds/priority-class/system-classes.ts";
export { resourceQuotas } from "./kinds/resource-quota/resource.ts";
export type { ResourceQuota } from "./kinds/resource-quota/schema.ts";
export { type ClusterRole, type PolicyRule, type Role, rbacGroup } from "./kinds/role/schema.ts";
export type { ClusterRoleBinding, RoleBinding, Subject } from "./kinds/role-binding/schema.ts";
export { runtimeClasses } from "./kinds/runtime-class/resource.ts";
export type { RuntimeClass } from "./kinds/runtime-class/schema.ts";
export { scaleOf, validateScale, withScale } from "./kinds/scale/scalable.ts";
export { type Scale, scaleSchema } from "./kinds/scale/schema.ts";
export { secrets } from "./kinds/secret/resource.ts";
export { type Secret, secretSchema } from "./kinds/secret/schema.ts";
export { services } from "./kinds/service/resource.ts";
export type { Service, ServicePort } from "./kinds/service/schema.ts";
export { isHeadless, needsClusterIp, needsHealthCheckPort, needsNodePort } from "./kinds/service/traits.ts";
export { serviceAccounts } from "./kinds/service-account/resource.ts";
export { type ServiceAccount, serviceAccountSchema } from "./kinds/service-account/schema.ts";
export { openApiV2Json, openApiV2Protobuf } from "./openapi/openapi-v2.ts";
export { type EncodedDocument, openApiV3Document, openApiV3Index } from "./openapi/openapi-v3.ts";
export { applyJsonPatch } from "./patch/json-patch.ts";
export { applyMergePatch } from "./patch/merge-patch.ts";
export { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts";
export { decodeProtobuf, protobufMediaType } from "./protobuf/decode-protobuf.ts";
export {
  addQuantity,
  compareQuantity,
  formatQuantity,
  maxQuantity,
  milliQuantityOf,
  milliValue,
  parseQuantity,
  type Quantity,
  quantityOf,
  quantityValue,
  subtractQuantity,
  tryParseQuantity,
} from "./quantity/quantity.ts";
export type {
  FieldValidation,
  ResourceDefinition,
  Subresource,
  SubresourceUpdate,
  TableColumn,
  Verb,
} from "./resource-definition.ts";
export { findKind, findResource, resources } from "./resources.ts";
export { type HostPort, HostPortTable, hostPortsOf } from "./scheduling/host-ports.ts";
export {
  matchesTerm,
  meetsRequirement,
  type NodeRequirement,
  nodeRequirement,
  type SelectableNode,
} from "./scheduling/node-affinity.ts";
export { tolerates, toleratesAny } from "./scheduling/tolerations.ts";
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
export {
  checkFieldSelector,
  type FieldRequirement,
  type ParsedFieldSelector,
  parseFieldSelector,
} from "./selector/field-selector.ts";
export {
  type LabelRequirement,
  labelSelectorMatches,
  type ParsedLabelSelector,
  parseLabelSelector,
  requirementsOf,
  selectorOf,
} from "./selector/label-selector.ts";
export * from "./status/builders.ts";
export { statusFromError } from "./status/from-error.ts";
export { StatusError } from "./status/status-error.ts";
export { ageOf, humanDuration } from "./table/human-duration.ts";
export { type IncludeObject, type TableOptions, toTable } from "./table/to-table.ts";
export {
  duplicate as fieldDuplicate,
  type FieldError,
  type FieldErrorType,
  forbidden as fieldForbidden,
  invalid as fieldInvalid,
  notFound as fieldNotFound,
  notSupported as fieldNotSupported,
  printFieldError,
  printFieldErrors,
  required as fieldRequired,
  tooLong as fieldTooLong,
} from "./validation/field-error.ts";
export {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from "./validation/formats.ts";
export {
  validateLabelSelector,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from "./validation/object-meta.ts";
export { isExtendedResource } from "./validation/resource-names.ts";
