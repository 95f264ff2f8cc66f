/**
 * The numbers of fields in k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const metaFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition":
    "type=1 status=2 observedGeneration=3~ lastTransitionTime=4 reason=5 message=6",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions":
    "gracePeriodSeconds=1 preconditions=2 orphanDependents=3 propagationPolicy=4 dryRun=5 ignoreStoreReadErrorWithClusterBreakingPotential=6",
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement": "key=1 operator=2 values=3",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": "matchLabels=1 matchExpressions=2",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": "key=1 operator=2 values=3",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry":
    "manager=1 operation=2 apiVersion=3 time=4 fieldsType=6 fieldsV1=7 subresource=8",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":
    "name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7~ creationTimestamp=8 deletionTimestamp=9 deletionGracePeriodSeconds=10 labels=11 annotations=12 ownerReferences=13 finalizers=14 managedFields=17",
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference":
    "apiVersion=5 kind=1 name=3 uid=4 controller=6 blockOwnerDeletion=7",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions": "uid=1 resourceVersion=2",
};
