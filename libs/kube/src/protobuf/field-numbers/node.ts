/**
 * The numbers of fields in k8s.io/api/node/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const nodeFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.node.v1.Overhead": "podFixed=1",
  "io.k8s.api.node.v1.RuntimeClass": "metadata=1 handler=2 overhead=3 scheduling=4",
  "io.k8s.api.node.v1.Scheduling": "nodeSelector=1 tolerations=2",
};
