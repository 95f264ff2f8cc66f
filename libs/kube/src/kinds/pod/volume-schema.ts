import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, templateMetaSchema } from "../../schema/meta.ts";
import {
  localObjectReferenceSchema,
  typedLocalObjectReferenceSchema,
  typedObjectReferenceSchema,
} from "../../schema/references.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const objectFieldSelectorSchema = objectType(core("ObjectFieldSelector"), {
  apiVersion: may.string,
  fieldPath: is.string,
});

export const resourceFieldSelectorSchema = objectType(core("ResourceFieldSelector"), {
  containerName: may.string,
  resource: is.string,
  divisor: may.quantity,
});

export const keyToPathSchema = objectType(core("KeyToPath"), { key: is.string, path: is.string, mode: may.int32 });

const downwardApiVolumeFileSchema = objectType(core("DownwardAPIVolumeFile"), {
  path: is.string,
  fieldRef: objectFieldSelectorSchema.optional(),
  resourceFieldRef: resourceFieldSelectorSchema.optional(),
  mode: may.int32,
});

const projectedSources = {
  secret: objectType(core("SecretProjection"), {
    name: may.string,
    items: listOf(keyToPathSchema).optional(),
    optional: may.boolean,
  }).optional(),
  downwardAPI: objectType(core("DownwardAPIProjection"), {
    items: listOf(downwardApiVolumeFileSchema).optional(),
  }).optional(),
  configMap: objectType(core("ConfigMapProjection"), {
    name: may.string,
    items: listOf(keyToPathSchema).optional(),
    optional: may.boolean,
  }).optional(),
  serviceAccountToken: objectType(core("ServiceAccountTokenProjection"), {
    audience: may.string,
    expirationSeconds: may.int64,
    path: is.string,
  }).optional(),
  clusterTrustBundle: objectType(core("ClusterTrustBundleProjection"), {
    name: may.string,
    signerName: may.string,
    labelSelector: labelSelectorSchema.optional(),
    optional: may.boolean,
    path: is.string,
  }).optional(),
};

export const persistentVolumeClaimSpecSchema = objectType(core("PersistentVolumeClaimSpec"), {
  accessModes: may.strings,
  selector: labelSelectorSchema.optional(),
  resources: objectType(core("VolumeResourceRequirements"), {
    limits: may.resourceList,
    requests: may.resourceList,
  }).optional(),
  volumeName: may.string,
  storageClassName: may.stringOrEmpty,
  volumeMode: may.string,
  dataSource: typedLocalObjectReferenceSchema.optional(),
  dataSourceRef: typedObjectReferenceSchema.optional(),
  volumeAttributesClassName: may.stringOrEmpty,
});

const persistentVolumeClaimTemplateSchema = objectType(core("PersistentVolumeClaimTemplate"), {
  metadata: templateMetaSchema.optional(),
  spec: persistentVolumeClaimSpecSchema,
});

/** Every way to fill a volume; exactly one is set. */
export const volumeSources = {
  hostPath: objectType(core("HostPathVolumeSource"), { path: is.string, type: may.stringOrEmpty }).optional(),
  emptyDir: objectType(core("EmptyDirVolumeSource"), { medium: may.string, sizeLimit: may.quantity }).optional(),
  gcePersistentDisk: objectType(core("GCEPersistentDiskVolumeSource"), {
    pdName: is.string,
    fsType: may.string,
    partition: may.int32,
    readOnly: may.boolean,
  }).optional(),
  awsElasticBlockStore: objectType(core("AWSElasticBlockStoreVolumeSource"), {
    volumeID: is.string,
    fsType: may.string,
    partition: may.int32,
    readOnly: may.boolean,
  }).optional(),
  gitRepo: objectType(core("GitRepoVolumeSource"), {
    repository: is.string,
    revision: may.string,
    directory: may.string,
  }).optional(),
  secret: objectType(core("SecretVolumeSource"), {
    secretName: may.string,
    items: listOf(keyToPathSchema).optional(),
    defaultMode: may.int32,
    optional: may.boolean,
  }).optional(),
  nfs: objectType(core("NFSVolumeSource"), { server: is.string, path: is.string, readOnly: may.boolean }).optional(),
  iscsi: objectType(core("ISCSIVolumeSource"), {
    targetPortal: is.string,
    iqn: is.string,
    lun: is.int32,
    iscsiInterface: may.string,
    fsType: may.string,
    readOnly: may.boolean,
    portals: may.strings,
    chapAuthDiscovery: may.boolean,
    chapAuthSession: may.boolean,
    secretRef: localObjectReferenceSchema.optional(),
    initiatorName: may.string,
  }).optional(),
  glusterfs: objectType(core("GlusterfsVolumeSource"), {
    endpoints: is.string,
    path: is.string,
    readOnly: may.boolean,
  }).optional(),
  persistentVolumeClaim: objectType(core("PersistentVolumeClaimVolumeSource"), {
    claimName: is.string,
    readOnly: may.boolean,
  }).optional(),
  rbd: objectType(core("RBDVolumeSource"), {
    monitors: is.strings,
    image: is.string,
    fsType: may.string,
    pool: may.string,
    user: may.string,
    keyring: may.string,
    secretRef: localObjectReferenceSchema.optional(),
    readOnly: may.boolean,
  }).optional(),
  flexVolume: objectType(core("FlexVolumeSource"), {
    driver: is.string,
    fsType: may.string,
    secretRef: localObjectReferenceSchema.optional(),
    readOnly: may.boolean,
    options: may.stringMap,
  }).optional(),
  cinder: objectType(core("CinderVolumeSource"), {
    volumeID: is.string,
    fsType: may.string,
    readOnly: may.boolean,
    secretRef: localObjectReferenceSchema.optional(),
  }).optional(),
  cephfs: objectType(core("CephFSVolumeSource"), {
    monitors: is.strings,
    path: may.string,
    user: may.string,
    secretFile: may.string,
    secretRef: localObjectReferenceSchema.optional(),
    readOnly: may.boolean,
  }).optional(),
  flocker: objectType(core("FlockerVolumeSource"), { datasetName: may.string, datasetUUID: may.string }).optional(),
  downwardAPI: objectType(core("DownwardAPIVolumeSource"), {
    items: listOf(downwardApiVolumeFileSchema).optional(),
    defaultMode: may.int32,
  }).optional(),
  fc: objectType(core("FCVolumeSource"), {
    targetWWNs: may.strings,
    lun: may.int32,
    fsType: may.string,
    readOnly: may.boolean,
    wwids: may.strings,
  }).optional(),
  azureFile: objectType(core("AzureFileVolumeSource"), {
    secretName: is.string,
    shareName: is.string,
    readOnly: may.boolean,
  }).optional(),
  configMap: objectType(core("ConfigMapVolumeSource"), {
    name: may.string,
    items: listOf(keyToPathSchema).optional(),
    defaultMode: may.int32,
    optional: may.boolean,
  }).optional(),
  vsphereVolume: objectType(core("VsphereVirtualDiskVolumeSource"), {
    volumePath: is.string,
    fsType: may.string,
    storagePolicyName: may.string,
    storagePolicyID: may.string,
  }).optional(),
  quobyte: objectType(core("QuobyteVolumeSource"), {
    registry: is.string,
    volume: is.string,
    readOnly: may.boolean,
    user: may.string,
    group: may.string,
    tenant: may.string,
  }).optional(),
  azureDisk: objectType(core("AzureDiskVolumeSource"), {
    diskName: is.string,
    diskURI: is.string,
    cachingMode: may.string,
    fsType: may.string,
    readOnly: may.boolean,
    kind: may.string,
  }).optional(),
  photonPersistentDisk: objectType(core("PhotonPersistentDiskVolumeSource"), {
    pdID: is.string,
    fsType: may.string,
  }).optional(),
  projected: objectType(core("ProjectedVolumeSource"), {
    sources: listOf(objectType(core("VolumeProjection"), projectedSources)).optional(),
    defaultMode: may.int32,
  }).optional(),
  portworxVolume: objectType(core("PortworxVolumeSource"), {
    volumeID: is.string,
    fsType: may.string,
    readOnly: may.boolean,
  }).optional(),
  scaleIO: objectType(core("ScaleIOVolumeSource"), {
    gateway: is.string,
    system: is.string,
    secretRef: localObjectReferenceSchema.optional(),
    sslEnabled: may.boolean,
    protectionDomain: may.string,
    storagePool: may.string,
    storageMode: may.string,
    volumeName: may.string,
    fsType: may.string,
    readOnly: may.boolean,
  }).optional(),
  storageos: objectType(core("StorageOSVolumeSource"), {
    volumeName: may.string,
    volumeNamespace: may.string,
    fsType: may.string,
    readOnly: may.boolean,
    secretRef: localObjectReferenceSchema.optional(),
  }).optional(),
  csi: objectType(core("CSIVolumeSource"), {
    driver: is.string,
    readOnly: may.boolean,
    fsType: may.string,
    volumeAttributes: may.stringMap,
    nodePublishSecretRef: localObjectReferenceSchema.optional(),
  }).optional(),
  ephemeral: objectType(core("EphemeralVolumeSource"), {
    volumeClaimTemplate: persistentVolumeClaimTemplateSchema.optional(),
  }).optional(),
};

export type VolumeSourceName = keyof typeof volumeSources;
export const volumeSourceNames = Object.keys(volumeSources) as VolumeSourceName[];

export const volumeSchema = objectType(core("Volume"), { name: is.string, ...volumeSources });
export type Volume = z.infer<typeof volumeSchema>;
export type KeyToPath = z.infer<typeof keyToPathSchema>;
