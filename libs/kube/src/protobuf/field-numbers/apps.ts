/**
 * The numbers of fields in k8s.io/api/apps/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const appsFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.apps.v1.ControllerRevision": "metadata=1 data=2 revision=3",
  "io.k8s.api.apps.v1.DaemonSet": "metadata=1 spec=2 status=3",
  "io.k8s.api.apps.v1.DaemonSetCondition": "type=1 status=2 lastTransitionTime=3 reason=4 message=5",
  "io.k8s.api.apps.v1.DaemonSetSpec":
    "selector=1 template=2 updateStrategy=3 minReadySeconds=4~ revisionHistoryLimit=6",
  "io.k8s.api.apps.v1.DaemonSetStatus":
    "currentNumberScheduled=1 numberMisscheduled=2 desiredNumberScheduled=3 numberReady=4 observedGeneration=5~ updatedNumberScheduled=6~ numberAvailable=7~ numberUnavailable=8~ collisionCount=9 conditions=10",
  "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": "type=1 rollingUpdate=2",
  "io.k8s.api.apps.v1.Deployment": "metadata=1 spec=2 status=3",
  "io.k8s.api.apps.v1.DeploymentCondition": "type=1 status=2 lastUpdateTime=6 lastTransitionTime=7 reason=4 message=5",
  "io.k8s.api.apps.v1.DeploymentSpec":
    "replicas=1 selector=2 template=3 strategy=4 minReadySeconds=5~ revisionHistoryLimit=6 paused=7~ progressDeadlineSeconds=9",
  "io.k8s.api.apps.v1.DeploymentStatus":
    "observedGeneration=1~ replicas=2~ updatedReplicas=3~ readyReplicas=7~ availableReplicas=4~ unavailableReplicas=5~ terminatingReplicas=9 conditions=6 collisionCount=8",
  "io.k8s.api.apps.v1.DeploymentStrategy": "type=1 rollingUpdate=2",
  "io.k8s.api.apps.v1.ReplicaSet": "metadata=1 spec=2 status=3",
  "io.k8s.api.apps.v1.ReplicaSetCondition": "type=1 status=2 lastTransitionTime=3 reason=4 message=5",
  "io.k8s.api.apps.v1.ReplicaSetSpec": "replicas=1 minReadySeconds=4~ selector=2 template=3",
  "io.k8s.api.apps.v1.ReplicaSetStatus":
    "replicas=1 fullyLabeledReplicas=2~ readyReplicas=4~ availableReplicas=5~ terminatingReplicas=7 observedGeneration=3~ conditions=6",
  "io.k8s.api.apps.v1.RollingUpdateDaemonSet": "maxUnavailable=1 maxSurge=2",
  "io.k8s.api.apps.v1.RollingUpdateDeployment": "maxUnavailable=1 maxSurge=2",
  "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy": "partition=1 maxUnavailable=2",
  "io.k8s.api.apps.v1.StatefulSet": "metadata=1 spec=2 status=3",
  "io.k8s.api.apps.v1.StatefulSetCondition": "type=1 status=2 lastTransitionTime=3 reason=4 message=5",
  "io.k8s.api.apps.v1.StatefulSetOrdinals": "start=1",
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": "whenDeleted=1 whenScaled=2",
  "io.k8s.api.apps.v1.StatefulSetSpec":
    "replicas=1 selector=2 template=3 volumeClaimTemplates=4 serviceName=5 podManagementPolicy=6 updateStrategy=7 revisionHistoryLimit=8 minReadySeconds=9~ persistentVolumeClaimRetentionPolicy=10 ordinals=11",
  "io.k8s.api.apps.v1.StatefulSetStatus":
    "observedGeneration=1~ replicas=2 readyReplicas=3~ currentReplicas=4~ updatedReplicas=5~ currentRevision=6 updateRevision=7 collisionCount=9 conditions=10 availableReplicas=11",
  "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": "type=1 rollingUpdate=2",
};
