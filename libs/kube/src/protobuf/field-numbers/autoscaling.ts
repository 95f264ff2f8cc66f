/**
 * The numbers of fields in k8s.io/api/autoscaling/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const autoscalingFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.autoscaling.v1.Scale": "metadata=1 spec=2 status=3",
  "io.k8s.api.autoscaling.v1.ScaleSpec": "replicas=1~",
  "io.k8s.api.autoscaling.v1.ScaleStatus": "replicas=1 selector=2",
};
