import type { Service, ServicePort, ServiceSpec } from "./schema.ts";
import { isExternallyAccessible, needsClusterIp, withSpec } from "./traits.ts";

// pkg/apis/core/v1/defaults.go SetDefaults_Service

/** Three hours. */
const clientTimeoutSeconds = 10_800;

function defaultPort(port: ServicePort): ServicePort {
  const { targetPort } = port;
  return {
    ...port,
    protocol: port.protocol ?? "TCP",
    targetPort: targetPort === undefined || targetPort === 0 || targetPort === "" ? port.port : targetPort,
  };
}

function affinityConfigOf({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec) {
  if (sessionAffinity === "None") return undefined;
  if (sessionAffinity !== "ClientIP" || config?.clientIP?.timeoutSeconds !== undefined) return config;
  return { clientIP: { timeoutSeconds: clientTimeoutSeconds } };
}

/** A load balancer that tells an address and no more has a virtual one. */
function defaultStatus({ status }: Service): Service["status"] {
  const ingress = status?.loadBalancer?.ingress;
  if (ingress === undefined) return status;
  const moded = ingress.map((one) => (one.ip === undefined ? one : { ...one, ipMode: one.ipMode ?? "VIP" }));
  return { ...status, loadBalancer: { ...status?.loadBalancer, ingress: moded } };
}

export function defaultService(service: Service): Service {
  const { spec } = service;
  const typed = { ...spec, type: spec.type ?? "ClusterIP", sessionAffinity: spec.sessionAffinity ?? "None" };
  const complete = withSpec(service, {
    ...typed,
    ports: spec.ports?.map(defaultPort),
    sessionAffinityConfig: affinityConfigOf(typed),
    externalTrafficPolicy: spec.externalTrafficPolicy ?? (isExternallyAccessible(typed) ? "Cluster" : undefined),
    internalTrafficPolicy: spec.internalTrafficPolicy ?? (needsClusterIp(typed) ? "Cluster" : undefined),
    allocateLoadBalancerNodePorts:
      spec.allocateLoadBalancerNodePorts ?? (typed.type === "LoadBalancer" ? true : undefined),
  });
  return typed.type === "LoadBalancer" && service.status ? { ...complete, status: defaultStatus(service) } : complete;
}
