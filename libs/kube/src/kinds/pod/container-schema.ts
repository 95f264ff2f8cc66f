import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { objectFieldSelectorSchema, resourceFieldSelectorSchema } from "./volume-schema.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const containerPortSchema = objectType(core("ContainerPort"), {
  name: may.string,
  hostPort: may.int32,
  containerPort: is.int32,
  protocol: may.string,
  hostIP: may.string,
});
export type ContainerPort = z.infer<typeof containerPortSchema>;

const keySelectorShape = { name: may.string, key: is.string, optional: may.boolean } as const;

export const envVarSourceSchema = objectType(core("EnvVarSource"), {
  fieldRef: objectFieldSelectorSchema.optional(),
  resourceFieldRef: resourceFieldSelectorSchema.optional(),
  configMapKeyRef: objectType(core("ConfigMapKeySelector"), keySelectorShape).optional(),
  secretKeyRef: objectType(core("SecretKeySelector"), keySelectorShape).optional(),
});
export type EnvVarSource = z.infer<typeof envVarSourceSchema>;

export const envVarSchema = objectType(core("EnvVar"), {
  name: is.string,
  value: may.string,
  valueFrom: envVarSourceSchema.optional(),
});
export type EnvVar = z.infer<typeof envVarSchema>;

const envSourceShape = { name: may.string, optional: may.boolean } as const;

export const envFromSourceSchema = objectType(core("EnvFromSource"), {
  prefix: may.string,
  configMapRef: objectType(core("ConfigMapEnvSource"), envSourceShape).optional(),
  secretRef: objectType(core("SecretEnvSource"), envSourceShape).optional(),
});
export type EnvFromSource = z.infer<typeof envFromSourceSchema>;

export const resourceRequirementsSchema = objectType(core("ResourceRequirements"), {
  limits: may.resourceList,
  requests: may.resourceList,
  claims: listOf(objectType(core("ResourceClaim"), { name: is.string })).optional(),
});
export type ResourceRequirements = z.infer<typeof resourceRequirementsSchema>;

export const volumeMountSchema = objectType(core("VolumeMount"), {
  name: is.string,
  readOnly: may.boolean,
  recursiveReadOnly: may.string,
  mountPath: is.string,
  subPath: may.string,
  mountPropagation: may.string,
  subPathExpr: may.string,
});
export type VolumeMount = z.infer<typeof volumeMountSchema>;

const execActionSchema = objectType(core("ExecAction"), { command: may.strings });
const httpGetActionSchema = objectType(core("HTTPGetAction"), {
  path: may.string,
  port: is.intOrString,
  host: may.string,
  scheme: may.string,
  httpHeaders: listOf(objectType(core("HTTPHeader"), { name: is.string, value: is.string })).optional(),
});
export type HttpGetAction = z.infer<typeof httpGetActionSchema>;
const tcpSocketActionSchema = objectType(core("TCPSocketAction"), { port: is.intOrString, host: may.string });

export const probeSchema = objectType(core("Probe"), {
  exec: execActionSchema.optional(),
  httpGet: httpGetActionSchema.optional(),
  tcpSocket: tcpSocketActionSchema.optional(),
  grpc: objectType(core("GRPCAction"), { port: is.int32, service: may.string }).optional(),
  initialDelaySeconds: may.int32,
  timeoutSeconds: may.int32,
  periodSeconds: may.int32,
  successThreshold: may.int32,
  failureThreshold: may.int32,
  terminationGracePeriodSeconds: may.int64,
});
export type Probe = z.infer<typeof probeSchema>;

export const lifecycleHandlerSchema = objectType(core("LifecycleHandler"), {
  exec: execActionSchema.optional(),
  httpGet: httpGetActionSchema.optional(),
  tcpSocket: tcpSocketActionSchema.optional(),
  sleep: objectType(core("SleepAction"), { seconds: is.int64 }).optional(),
});
export type LifecycleHandler = z.infer<typeof lifecycleHandlerSchema>;

export const lifecycleSchema = objectType(core("Lifecycle"), {
  postStart: lifecycleHandlerSchema.optional(),
  preStop: lifecycleHandlerSchema.optional(),
});
export type Lifecycle = z.infer<typeof lifecycleSchema>;

export const seLinuxOptionsSchema = objectType(core("SELinuxOptions"), {
  user: may.string,
  role: may.string,
  type: may.string,
  level: may.string,
});
export const seccompProfileSchema = objectType(core("SeccompProfile"), {
  type: is.string,
  localhostProfile: may.string,
});
export const appArmorProfileSchema = objectType(core("AppArmorProfile"), {
  type: is.string,
  localhostProfile: may.string,
});
export const windowsSecurityContextOptionsSchema = objectType(core("WindowsSecurityContextOptions"), {
  gmsaCredentialSpecName: may.string,
  gmsaCredentialSpec: may.string,
  runAsUserName: may.string,
  hostProcess: may.boolean,
});

export const securityContextSchema = objectType(core("SecurityContext"), {
  capabilities: objectType(core("Capabilities"), { add: may.strings, drop: may.strings }).optional(),
  privileged: may.boolean,
  seLinuxOptions: seLinuxOptionsSchema.optional(),
  windowsOptions: windowsSecurityContextOptionsSchema.optional(),
  runAsUser: may.int64,
  runAsGroup: may.int64,
  runAsNonRoot: may.boolean,
  readOnlyRootFilesystem: may.boolean,
  allowPrivilegeEscalation: may.boolean,
  procMount: may.string,
  seccompProfile: seccompProfileSchema.optional(),
  appArmorProfile: appArmorProfileSchema.optional(),
});
export type SecurityContext = z.infer<typeof securityContextSchema>;

const containerShape = {
  name: is.string,
  image: may.string,
  command: may.strings,
  args: may.strings,
  workingDir: may.string,
  ports: listBy("containerPort", containerPortSchema, ["containerPort", "protocol"]).optional(),
  envFrom: listOf(envFromSourceSchema).optional(),
  env: listBy("name", envVarSchema).optional(),
  resources: resourceRequirementsSchema.optional(),
  resizePolicy: listOf(
    objectType(core("ContainerResizePolicy"), { resourceName: is.string, restartPolicy: is.string }),
  ).optional(),
  restartPolicy: may.string,
  volumeMounts: listBy("mountPath", volumeMountSchema).optional(),
  volumeDevices: listBy(
    "devicePath",
    objectType(core("VolumeDevice"), { name: is.string, devicePath: is.string }),
  ).optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
  lifecycle: lifecycleSchema.optional(),
  terminationMessagePath: may.string,
  terminationMessagePolicy: may.string,
  imagePullPolicy: may.string,
  securityContext: securityContextSchema.optional(),
  stdin: may.boolean,
  stdinOnce: may.boolean,
  tty: may.boolean,
} as const;

export const containerSchema = objectType(core("Container"), containerShape, "One container of a pod.");
export type Container = z.infer<typeof containerSchema>;

export const ephemeralContainerSchema = objectType(
  core("EphemeralContainer"),
  { ...containerShape, targetContainerName: may.string },
  "A container added to a running pod, for debugging.",
);
export type EphemeralContainer = z.infer<typeof ephemeralContainerSchema>;
