import type { z } from "zod";
import { is, listBy, listByRetaining, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { localObjectReferenceSchema } from "../../schema/references.ts";
import {
  appArmorProfileSchema,
  containerSchema,
  ephemeralContainerSchema,
  seccompProfileSchema,
  seLinuxOptionsSchema,
  windowsSecurityContextOptionsSchema,
} from "./container-schema.ts";
import { affinitySchema, tolerationSchema, topologySpreadConstraintSchema } from "./scheduling-schema.ts";
import { podStatusSchema } from "./status-schema.ts";
import { volumeSchema } from "./volume-schema.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const podSecurityContextSchema = objectType(core("PodSecurityContext"), {
  seLinuxOptions: seLinuxOptionsSchema.optional(),
  windowsOptions: windowsSecurityContextOptionsSchema.optional(),
  runAsUser: may.int64,
  runAsGroup: may.int64,
  runAsNonRoot: may.boolean,
  supplementalGroups: listOf(is.int64).optional(),
  supplementalGroupsPolicy: may.string,
  fsGroup: may.int64,
  sysctls: listOf(objectType(core("Sysctl"), { name: is.string, value: is.string })).optional(),
  fsGroupChangePolicy: may.string,
  seccompProfile: seccompProfileSchema.optional(),
  appArmorProfile: appArmorProfileSchema.optional(),
  seLinuxChangePolicy: may.string,
});
export type PodSecurityContext = z.infer<typeof podSecurityContextSchema>;

export const podSpecSchema = objectType(
  core("PodSpec"),
  {
    volumes: listByRetaining("name", volumeSchema).optional(),
    initContainers: listBy("name", containerSchema).optional(),
    containers: listBy("name", containerSchema),
    ephemeralContainers: listBy("name", ephemeralContainerSchema).optional(),
    restartPolicy: may.string,
    terminationGracePeriodSeconds: may.int64,
    activeDeadlineSeconds: may.int64,
    dnsPolicy: may.string,
    nodeSelector: may.stringMap,
    serviceAccountName: may.string,
    serviceAccount: may.string,
    automountServiceAccountToken: may.boolean,
    nodeName: may.string,
    hostNetwork: may.boolean,
    hostPID: may.boolean,
    hostIPC: may.boolean,
    shareProcessNamespace: may.boolean,
    securityContext: podSecurityContextSchema.optional(),
    imagePullSecrets: listBy("name", localObjectReferenceSchema).optional(),
    hostname: may.string,
    subdomain: may.string,
    affinity: affinitySchema.optional(),
    schedulerName: may.string,
    tolerations: listOf(tolerationSchema).optional(),
    hostAliases: listBy("ip", objectType(core("HostAlias"), { ip: is.string, hostnames: may.strings })).optional(),
    priorityClassName: may.string,
    priority: may.int32,
    dnsConfig: objectType(core("PodDNSConfig"), {
      nameservers: may.strings,
      searches: may.strings,
      options: listOf(objectType(core("PodDNSConfigOption"), { name: may.string, value: may.string })).optional(),
    }).optional(),
    readinessGates: listOf(objectType(core("PodReadinessGate"), { conditionType: is.string })).optional(),
    runtimeClassName: may.string,
    enableServiceLinks: may.boolean,
    preemptionPolicy: may.string,
    overhead: may.resourceList,
    topologySpreadConstraints: listBy("topologyKey", topologySpreadConstraintSchema, [
      "topologyKey",
      "whenUnsatisfiable",
    ]).optional(),
    setHostnameAsFQDN: may.boolean,
    os: objectType(core("PodOS"), { name: is.string }).optional(),
    hostUsers: may.boolean,
    schedulingGates: listBy("name", objectType(core("PodSchedulingGate"), { name: is.string })).optional(),
    resourceClaims: listByRetaining(
      "name",
      objectType(core("PodResourceClaim"), {
        name: is.string,
        source: objectType(core("ClaimSource"), {
          resourceClaimName: may.string,
          resourceClaimTemplateName: may.string,
        }).optional(),
      }),
    ).optional(),
  },
  "What a pod shall be.",
  { mayBeLeftOut: true },
);
export type PodSpec = z.infer<typeof podSpecSchema>;

export const podSchema = objectType(
  core("Pod"),
  { ...typedObjectShape, spec: podSpecSchema, status: podStatusSchema.optional() },
  "Containers that run together on one node.",
);
export type Pod = z.infer<typeof podSchema>;
