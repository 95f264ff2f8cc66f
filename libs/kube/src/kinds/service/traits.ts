import type { Service, ServiceSpec } from "./schema.ts";

// What follows from a service's type: pkg/api/service/util.go, pkg/registry/core/service/strategy.go

export const noClusterIp = "None";

export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === noClusterIp;
}

export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer";
}

export function needsNodePort({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}

export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);
}

export function needsHealthCheckPort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** What changes in a spec; undefined takes a field away. */
export type SpecChange = { [K in keyof ServiceSpec]?: ServiceSpec[K] | undefined };

export function withSpec(service: Service, change: SpecChange): Service {
  const spec = Object.entries({ ...service.spec, ...change }).filter(([, value]) => value !== undefined);
  return { ...service, spec: Object.fromEntries(spec) };
}
