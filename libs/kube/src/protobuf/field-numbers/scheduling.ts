/**
 * The numbers of fields in k8s.io/api/scheduling/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const schedulingFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.scheduling.v1.PriorityClass": "metadata=1 value=2 globalDefault=3~ description=4 preemptionPolicy=5",
};
