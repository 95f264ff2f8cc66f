import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const endpointSliceDescriptions: TypeDescriptions = {
  "io.k8s.api.discovery.v1.EndpointSlice": {
    addressType: "What all addresses of the slice are: IPv4, IPv6 or FQDN. It cannot be changed.",
    endpoints: "The endpoints, at most 1000.",
    ports: "The ports that all endpoints of the slice have.",
  },
  "io.k8s.api.discovery.v1.Endpoint": {
    addresses: "The addresses of the endpoint, all of the slice's type; the first is the one to use.",
    conditions: "What state the endpoint is in.",
    hostname: "The name by which DNS knows the endpoint below the service's.",
    targetRef: "The object that answers, mostly a pod.",
    deprecatedTopology: "Labels of older versions of the API; not written by this one.",
    nodeName: "The node on which the endpoint is.",
    zone: "The zone in which the endpoint is.",
    hints: "Whom the endpoint should serve.",
  },
  "io.k8s.api.discovery.v1.EndpointConditions": {
    ready: "It takes traffic. Nothing said means yes.",
    serving: "It answers, even while it goes away. Nothing said means the same as ready.",
    terminating: "It goes away. Nothing said means no.",
  },
  "io.k8s.api.discovery.v1.EndpointHints": { forZones: "The zones that the endpoint should serve, at most 8." },
  "io.k8s.api.discovery.v1.ForZone": { name: "The name of the zone." },
  "io.k8s.api.discovery.v1.EndpointPort": {
    name: "The name of the service's port; one port of a slice may have none.",
    protocol: "TCP (the default), UDP or SCTP.",
    port: "The number of the port. Nothing said means all ports.",
    appProtocol: "The protocol that is spoken over it.",
  },
};
