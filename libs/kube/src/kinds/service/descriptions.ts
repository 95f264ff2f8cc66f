import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const serviceDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.Service": {
    spec: "What the service shall be.",
    status: "What has become of it. Written by the system.",
  },
  "io.k8s.api.core.v1.ServiceSpec": {
    ports: "The ports at which it is reached.",
    selector: "Labels of the pods that answer. Without it, whoever made the service names the endpoints too.",
    clusterIP: 'The address inside the cluster; "None" for a service that has none and is found by DNS alone.',
    clusterIPs: "The addresses inside the cluster, one of each IP family; the first is clusterIP.",
    type: "How it is reached: ClusterIP (the default), NodePort, LoadBalancer or ExternalName.",
    externalIPs: "Addresses of nodes at which it takes traffic too; someone else must bring the traffic there.",
    sessionAffinity: "ClientIP keeps a client with the endpoint that it had; None (the default) does not.",
    loadBalancerIP: "The address that a load balancer should have. Deprecated.",
    loadBalancerSourceRanges: "The clients that a load balancer lets through.",
    externalName: "The DNS name that a service of type ExternalName stands for.",
    externalTrafficPolicy:
      "Local keeps traffic from outside on the node where it came in; Cluster (the default) spreads it.",
    healthCheckNodePort: "The port at which nodes tell a load balancer whether they have an endpoint.",
    publishNotReadyAddresses: "Endpoints that are not ready are found as if they were.",
    sessionAffinityConfig: "How clients are kept.",
    ipFamilies: "The IP families of its addresses: IPv4, IPv6 or both.",
    ipFamilyPolicy: "How many IP families it has: SingleStack (the default), PreferDualStack or RequireDualStack.",
    allocateLoadBalancerNodePorts: "Whether a service of type LoadBalancer gets ports on the nodes.",
    loadBalancerClass: "The load balancer that is meant, where there are several. It cannot be changed.",
    internalTrafficPolicy: "Local keeps traffic from pods on their node; Cluster (the default) spreads it.",
    trafficDistribution: "Which endpoints to prefer, such as PreferClose.",
  },
  "io.k8s.api.core.v1.ServicePort": {
    name: "The name of the port. Needed when there are several.",
    protocol: "TCP (the default), UDP or SCTP.",
    appProtocol: "The protocol that is spoken over it.",
    port: "The number of the service's port.",
    targetPort: "The number or the name of the pods' port. The same number if nothing is said.",
    nodePort: "The number of the port on every node, for types NodePort and LoadBalancer.",
  },
  "io.k8s.api.core.v1.SessionAffinityConfig": { clientIP: "How clients are kept by their address." },
  "io.k8s.api.core.v1.ClientIPConfig": {
    timeoutSeconds: "How long a client that is silent is kept, in seconds, at most one day. Three hours by default.",
  },
  "io.k8s.api.core.v1.ServiceStatus": {
    loadBalancer: "Where the load balancer takes traffic.",
    conditions: "The state of the service in several aspects.",
  },
  "io.k8s.api.core.v1.LoadBalancerStatus": { ingress: "The places where traffic is taken." },
  "io.k8s.api.core.v1.LoadBalancerIngress": {
    ip: "The address, for load balancers that have one.",
    hostname: "The DNS name, for load balancers that have one.",
    ipMode: "How the address behaves: VIP hands packets on as they are, Proxy sends its own.",
    ports: "How the load balancer does with each port.",
  },
  "io.k8s.api.core.v1.PortStatus": {
    port: "The number of the port.",
    protocol: "TCP, UDP or SCTP.",
    error: "What is wrong with it, in one word.",
  },
};
