import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const endpointsDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.Endpoints": { subsets: "All addresses, in groups that have the same ports." },
  "io.k8s.api.core.v1.EndpointSubset": {
    addresses: "Addresses that are ready for traffic.",
    notReadyAddresses: "Addresses that have the ports but are not ready for traffic.",
    ports: "The ports that all addresses of the group have.",
  },
  "io.k8s.api.core.v1.EndpointAddress": {
    ip: "The IP address. Loopback and link-local addresses are refused.",
    hostname: "The name by which DNS knows this address below the service's.",
    nodeName: "The node on which it is.",
    targetRef: "The object that has the address, mostly a pod.",
  },
  "io.k8s.api.core.v1.EndpointPort": {
    name: "The name of the service's port. Needed when there are several.",
    port: "The number of the port.",
    protocol: "TCP (the default), UDP or SCTP.",
    appProtocol: "The protocol that is spoken over it.",
  },
};
