/**
 * The numbers of fields in k8s.io/api/discovery/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const discoveryFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.discovery.v1.Endpoint":
    "addresses=1 conditions=2 hostname=3 targetRef=4 deprecatedTopology=5 nodeName=6 zone=7 hints=8",
  "io.k8s.api.discovery.v1.EndpointConditions": "ready=1 serving=2 terminating=3",
  "io.k8s.api.discovery.v1.EndpointHints": "forZones=1 forNodes=2",
  "io.k8s.api.discovery.v1.EndpointPort": "name=1 protocol=2 port=3 appProtocol=4",
  "io.k8s.api.discovery.v1.EndpointSlice": "metadata=1 addressType=4 endpoints=2 ports=3",
  "io.k8s.api.discovery.v1.ForNode": "name=1",
  "io.k8s.api.discovery.v1.ForZone": "name=1",
};
