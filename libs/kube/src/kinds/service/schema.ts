import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { conditionSchema, typedObjectShape } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

const servicePortSchema = objectType(
  core("ServicePort"),
  {
    name: may.string,
    protocol: may.string,
    appProtocol: may.stringOrEmpty,
    port: is.int32,
    targetPort: may.intOrString,
    nodePort: may.int32,
  },
  "A port at which a service is reached.",
);
export type ServicePort = z.infer<typeof servicePortSchema>;

const serviceSpecSchema = objectType(
  core("ServiceSpec"),
  {
    ports: listBy("port", servicePortSchema, ["port", "protocol"]).optional(),
    selector: may.stringMap,
    clusterIP: may.string,
    clusterIPs: may.strings,
    type: may.string,
    externalIPs: may.strings,
    sessionAffinity: may.string,
    loadBalancerIP: may.string,
    loadBalancerSourceRanges: may.strings,
    externalName: may.string,
    externalTrafficPolicy: may.string,
    healthCheckNodePort: may.int32,
    publishNotReadyAddresses: may.boolean,
    sessionAffinityConfig: objectType(
      core("SessionAffinityConfig"),
      {
        clientIP: objectType(
          core("ClientIPConfig"),
          { timeoutSeconds: may.int32 },
          "How clients are kept by their address.",
        ).optional(),
      },
      "How clients are kept with the endpoint that they had.",
    ).optional(),
    ipFamilies: may.strings,
    ipFamilyPolicy: may.stringOrEmpty,
    allocateLoadBalancerNodePorts: may.boolean,
    loadBalancerClass: may.stringOrEmpty,
    internalTrafficPolicy: may.stringOrEmpty,
    trafficDistribution: may.stringOrEmpty,
  },
  "What a service shall be.",
  { mayBeLeftOut: true },
);
export type ServiceSpec = z.infer<typeof serviceSpecSchema>;

const loadBalancerIngressSchema = objectType(
  core("LoadBalancerIngress"),
  {
    ip: may.string,
    hostname: may.string,
    ipMode: may.stringOrEmpty,
    ports: listOf(
      objectType(
        core("PortStatus"),
        { port: is.int32, protocol: is.string, error: may.stringOrEmpty },
        "How a load balancer does with a port.",
      ),
    ).optional(),
  },
  "A place at which a load balancer takes traffic.",
);
export type LoadBalancerIngress = z.infer<typeof loadBalancerIngressSchema>;

export const serviceSchema = objectType(
  core("Service"),
  {
    ...typedObjectShape,
    spec: serviceSpecSchema,
    status: objectType(
      core("ServiceStatus"),
      {
        loadBalancer: objectType(
          core("LoadBalancerStatus"),
          { ingress: listOf(loadBalancerIngressSchema).optional() },
          "Where a load balancer takes traffic.",
        ).optional(),
        conditions: listBy("type", conditionSchema).optional(),
      },
      "What has become of a service.",
    ).optional(),
  },
  "A name and an address for a set of pods.",
);
export type Service = z.infer<typeof serviceSchema>;
