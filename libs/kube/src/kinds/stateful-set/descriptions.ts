import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const statefulSetDescriptions: TypeDescriptions = {
  "io.k8s.api.apps.v1.StatefulSet": {
    spec: "Which pods there shall be, how many, and what storage each has.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.apps.v1.StatefulSetSpec": {
    replicas: "How many pods there shall be. Default: 1.",
    selector: "Which pods belong to it; must match the template's labels and cannot be changed.",
    template: "What its pods are made from. Each is called like the StatefulSet with its number.",
    volumeClaimTemplates: "Claims for storage that each pod gets for itself.",
    serviceName: "The Service that gives the pods their names in DNS; it must exist first.",
    podManagementPolicy: "OrderedReady (one after another, the default) or Parallel.",
    updateStrategy: "How old pods are replaced by new ones.",
    revisionHistoryLimit: "How many old revisions are kept to go back to. Default: 10.",
    minReadySeconds: "For how long a pod must be ready before it counts as available. Default: 0.",
    persistentVolumeClaimRetentionPolicy: "What becomes of the claims of pods that go.",
    ordinals: "How pods are numbered.",
  },
  "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": {
    type: "RollingUpdate (the default) or OnDelete.",
    rollingUpdate: "Only with RollingUpdate.",
  },
  "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy": {
    partition: "Only pods with this number or a larger one are replaced. Default: 0.",
    maxUnavailable: "How many pods may be missing meanwhile: a number or a percentage. Default: 1.",
  },
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {
    whenDeleted: "When the StatefulSet is deleted: Retain (the default) or Delete.",
    whenScaled: "When it gets fewer pods: Retain (the default) or Delete.",
  },
  "io.k8s.api.apps.v1.StatefulSetOrdinals": { start: "The first pod's number. Default: 0." },
  "io.k8s.api.apps.v1.StatefulSetStatus": {
    observedGeneration: "The generation that this status belongs to.",
    replicas: "How many pods there are.",
    readyReplicas: "How many pods are ready.",
    currentReplicas: "How many pods are of the current revision.",
    updatedReplicas: "How many pods are of the update's revision.",
    currentRevision: "The revision of the pods that are not replaced yet.",
    updateRevision: "The revision of the pods that are replaced already.",
    collisionCount: "How often the name of a new revision was taken.",
    conditions: "Aspects of its state.",
    availableReplicas: "How many pods have been ready for minReadySeconds.",
  },
  "io.k8s.api.apps.v1.StatefulSetCondition": {
    type: "Which aspect.",
    status: "True, False or Unknown.",
    lastTransitionTime: "When it last changed from one status to another.",
    reason: "Why, in one word.",
    message: "Why, for people.",
  },
  "io.k8s.api.core.v1.PersistentVolumeClaim": {
    apiVersion: "v1.",
    kind: "PersistentVolumeClaim.",
    metadata: "The claim's name and labels.",
    spec: "What storage is asked for.",
    status: "What was seen of it.",
  },
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus": {
    phase: "Pending, Bound or Lost.",
    accessModes: "How the volume may be mounted.",
    capacity: "How large the volume is.",
  },
};
