/**
 * The numbers of fields in k8s.io/api/coordination/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const coordinationFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.coordination.v1.Lease": "metadata=1 spec=2",
  "io.k8s.api.coordination.v1.LeaseSpec":
    "holderIdentity=1 leaseDurationSeconds=2 acquireTime=3 renewTime=4 leaseTransitions=5 strategy=6 preferredHolder=7",
};
