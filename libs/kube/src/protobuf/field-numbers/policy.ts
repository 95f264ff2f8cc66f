/**
 * The numbers of fields in k8s.io/api/policy/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const policyFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.policy.v1.Eviction": "metadata=1 deleteOptions=2",
  "io.k8s.api.policy.v1.PodDisruptionBudget": "metadata=1 spec=2 status=3",
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec":
    "minAvailable=1 selector=2 maxUnavailable=3 unhealthyPodEvictionPolicy=4",
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus":
    "observedGeneration=1~ disruptedPods=2 disruptionsAllowed=3 currentHealthy=4 desiredHealthy=5 expectedPods=6 conditions=7",
};
