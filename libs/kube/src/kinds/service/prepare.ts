import { equalJson } from "../../json.ts";
import { familyOf } from "../../validation/ip-addresses.ts";
import type { Service, ServicePort, ServiceSpec } from "./schema.ts";
import {
  isExternallyAccessible,
  isHeadless,
  needsClusterIp,
  needsHealthCheckPort,
  needsNodePort,
  noClusterIp,
  type SpecChange,
  withSpec,
} from "./traits.ts";

const nodePorts = ({ ports = [] }: ServiceSpec) =>
  ports.map(({ nodePort }) => nodePort ?? 0).filter((port) => port > 0);

/** Ports that the client left out and that still belong to a port of that name. */
function withKnownNodePorts(next: ServiceSpec, previous: ServiceSpec): ServicePort[] | undefined {
  const taken = new Set(nodePorts(next));
  const known = new Map((previous.ports ?? []).map(({ name = "", nodePort = 0 }) => [name, nodePort]));
  return next.ports?.map((port) => {
    const nodePort = known.get(port.name ?? "") ?? 0;
    return (port.nodePort ?? 0) !== 0 || nodePort === 0 || taken.has(nodePort) ? port : { ...port, nodePort };
  });
}

/** A client need not repeat what the system gave: pkg/registry/core/service/storage/storage.go patchAllocatedValues. */
function keepGiven(next: ServiceSpec, previous: ServiceSpec): SpecChange {
  return {
    ...(needsClusterIp(previous) && needsClusterIp(next)
      ? { clusterIP: next.clusterIP ?? previous.clusterIP, clusterIPs: next.clusterIPs ?? previous.clusterIPs }
      : {}),
    ...(needsNodePort(previous) && needsNodePort(next) ? { ports: withKnownNodePorts(next, previous) } : {}),
    ...(needsHealthCheckPort(previous) && needsHealthCheckPort(next)
      ? { healthCheckNodePort: next.healthCheckNodePort || previous.healthCheckNodePort }
      : {}),
  };
}

/** Older clients know only clusterIP, newer ones both: normalizeClusterIPs of the same file. */
function alignClusterIps(next: ServiceSpec, previous: ServiceSpec | undefined): SpecChange {
  const { clusterIP = "", clusterIPs = [] } = next;
  if (previous === undefined) return clusterIP !== "" && clusterIPs.length === 0 ? { clusterIPs: [clusterIP] } : {};
  if (clusterIP === (previous.clusterIP ?? "") || !equalJson(clusterIPs, previous.clusterIPs ?? [])) return {};
  return { clusterIPs: clusterIP === "" ? undefined : [clusterIP] };
}

/** Who changes the type and leaves alone what only the old type needs, means it to go: strategy.go dropTypeDependentFields. */
function dropNeedless(next: ServiceSpec, previous: ServiceSpec): SpecChange {
  const untouched = (name: keyof ServiceSpec) => equalJson(next[name], previous[name]);
  const change: SpecChange = {};
  const drop = (name: keyof ServiceSpec) => {
    if (untouched(name)) change[name] = undefined;
  };
  if (needsClusterIp(previous) && !needsClusterIp(next)) {
    if (untouched("clusterIPs")) drop("clusterIP");
    for (const name of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const) drop(name);
  }
  if (needsNodePort(previous) && !needsNodePort(next) && equalJson(nodePorts(previous), nodePorts(next))) {
    change.ports = next.ports?.map(({ nodePort: _, ...port }) => port);
  }
  if (needsHealthCheckPort(previous) && !needsHealthCheckPort(next)) drop("healthCheckNodePort");
  if (previous.type === "LoadBalancer" && next.type !== "LoadBalancer") {
    drop("allocateLoadBalancerNodePorts");
    drop("loadBalancerClass");
  }
  if (isExternallyAccessible(previous) && !isExternallyAccessible(next)) drop("externalTrafficPolicy");
  return change;
}

/** pkg/registry/core/service/storage/alloc.go initIPFamilyFields, in a cluster of one family. */
function chooseFamilies(next: ServiceSpec, previous: ServiceSpec | undefined): SpecChange {
  if (next.type === "ExternalName") return {};
  const free = next.clusterIP === noClusterIp && Object.keys(next.selector ?? {}).length === 0;
  const policy = next.ipFamilyPolicy ?? previous?.ipFamilyPolicy ?? (free ? "RequireDualStack" : "SingleStack");
  const named = next.ipFamilies ?? [];
  const ofAddresses = isHeadless(next) ? [] : (next.clusterIPs ?? []).slice(named.length);
  const families = [...named, ...ofAddresses.flatMap((address) => familyOf(address) ?? [])];
  if (families.length === 0) families.push("IPv4");
  // Nobody but its maker knows the endpoints of such a service: it may have both families in any cluster.
  if (free && families.length === 1 && policy !== "SingleStack") {
    families.push(families[0] === "IPv4" ? "IPv6" : "IPv4");
  }
  // Who asks for one family and leaves the list alone gives up the second.
  const single = policy === "SingleStack" && previous !== undefined && equalJson(families, previous.ipFamilies);
  return { ipFamilyPolicy: policy, ipFamilies: single ? families.slice(0, 1) : families };
}

/** What the system decides in a service, but for addresses and ports that are new: those are given out when it is stored. */
export function prepareService(service: Service, previous: Service | undefined): Service {
  const steps: readonly ((next: ServiceSpec, before: ServiceSpec) => SpecChange)[] = [
    keepGiven,
    alignClusterIps,
    dropNeedless,
  ];
  const kept =
    previous === undefined
      ? withSpec(service, alignClusterIps(service.spec, undefined))
      : steps.reduce((next, step) => withSpec(next, step(next.spec, previous.spec)), service);
  return withSpec(kept, chooseFamilies(kept.spec, previous?.spec));
}
