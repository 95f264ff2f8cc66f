import { isIP } from "node:net";
import { checkChoice, checkFormat } from "../../validation/check-text.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../validation/field-error.ts";
import {
  dnsSubdomainProblems,
  ipProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from "../../validation/formats.ts";
import { cidrProblems, validateReachableIp } from "../../validation/ip-addresses.ts";
import { validateLabels } from "../../validation/object-meta.ts";
import type { LoadBalancerIngress, Service, ServiceSpec } from "./schema.ts";
import { isExternallyAccessible, isHeadless, needsClusterIp, needsHealthCheckPort } from "./traits.ts";
import { validateAddresses, validateAddressesUpdate } from "./validate-addresses.ts";
import { validateNodePorts, validatePorts, validateUniquePorts } from "./validate-ports.ts";

// pkg/apis/core/validation/validation.go ValidateService, ValidateServiceUpdate

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities = ["ClientIP", "None"];
const trafficPolicies = ["Cluster", "Local"];
const distributions = ["PreferClose"];
const longestAffinitySeconds = 86_400;
const onlyForLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

function validateForType(spec: ServiceSpec): FieldError[] {
  const { type, ports = [], clusterIPs = [], externalName = "" } = spec;
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && type !== "ExternalName") errors.push(required("spec.ports"));
  if (isHeadless(spec) && (type === "LoadBalancer" || type === "NodePort")) {
    errors.push(invalid("spec.clusterIPs[0]", clusterIPs[0], `may not be set to 'None' for ${type} services`));
  }
  if (type !== "ExternalName") return errors;
  for (const name of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const) {
    if (spec[name] !== undefined) errors.push(forbidden(`spec.${name}`, "may not be set for ExternalName services"));
  }
  const name = externalName.endsWith(".") ? externalName.slice(0, -1) : externalName;
  if (name === "") return [...errors, required("spec.externalName")];
  return [...errors, ...checkFormat("spec.externalName", name, dnsSubdomainProblems)];
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const { sessionAffinity, sessionAffinityConfig: config } = spec;
  const field = "spec.sessionAffinityConfig";
  const errors = checkChoice("spec.sessionAffinity", sessionAffinity, affinities);
  if (sessionAffinity === "None" && config !== undefined) {
    errors.push(forbidden(field, "must not be set when session affinity is None"));
  }
  if (sessionAffinity !== "ClientIP") return errors;
  const needed = "when session affinity type is ClientIP";
  const seconds = config?.clientIP?.timeoutSeconds;
  if (config === undefined) errors.push(required(field, needed));
  else if (config.clientIP === undefined) errors.push(required(`${field}.clientIP`, needed));
  else if (seconds === undefined) errors.push(required(`${field}.clientIP.timeoutSeconds`, needed));
  else if (seconds <= 0 || seconds > longestAffinitySeconds) {
    const problem = `must be greater than 0 and less than ${longestAffinitySeconds}`;
    errors.push(invalid(`${field}.clientIP.timeoutSeconds`, seconds, problem));
  }
  return errors;
}

function validateExternalIps({ externalIPs = [] }: ServiceSpec): FieldError[] {
  return externalIPs.flatMap((address, index) => {
    const field = `spec.externalIPs[${index}]`;
    return isIP(address) === 0 ? checkFormat(field, address, ipProblems) : validateReachableIp(address, field);
  });
}

const rangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

function validateSourceRanges({ metadata, spec }: Service): FieldError[] {
  const { type, loadBalancerSourceRanges: ranges = [] } = spec;
  const misplaced = (field: string) => (type === "LoadBalancer" ? [] : [forbidden(field, onlyForLoadBalancers)]);
  if (ranges.length > 0) {
    const field = "spec.LoadBalancerSourceRanges";
    const wrong = ranges.flatMap((range, index) => checkFormat(`${field}[${index}]`, range.trim(), cidrProblems));
    return [...misplaced(field), ...wrong];
  }
  const annotated = metadata.annotations?.[rangesAnnotation];
  if (annotated === undefined) return [];
  const field = `metadata.annotations[${rangesAnnotation}]`;
  const listed = annotated.trim() === "" ? [] : annotated.trim().split(",");
  return [...misplaced(field), ...listed.flatMap((range) => checkFormat(field, range.trim(), cidrProblems))];
}

function validateLoadBalancer({ type, allocateLoadBalancerNodePorts, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (type === "LoadBalancer") {
    return [
      ...(allocateLoadBalancerNodePorts === undefined ? [required("allocateLoadBalancerNodePorts")] : []),
      ...checkFormat("spec.loadBalancerClass", loadBalancerClass, qualifiedNameProblems),
    ];
  }
  return [
    ...(allocateLoadBalancerNodePorts === undefined
      ? []
      : [forbidden("spec.allocateLoadBalancerNodePorts", onlyForLoadBalancers)]),
    ...(loadBalancerClass === undefined ? [] : [forbidden("spec.loadBalancerClass", onlyForLoadBalancers)]),
  ];
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, trafficDistribution } = spec;
  const { healthCheckNodePort = 0 } = spec;
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec))
    errors.push(...checkChoice("spec.externalTrafficPolicy", external, trafficPolicies));
  else if (external !== undefined) {
    errors.push(invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services"));
  }
  // Kubernetes also wants one where it is needed, for it gives one out; podbus does not do that yet.
  if (healthCheckNodePort !== 0 && needsHealthCheckPort(spec)) {
    const problems = portNumberProblems(healthCheckNodePort);
    errors.push(...problems.map((problem) => invalid("spec.healthCheckNodePort", healthCheckNodePort, problem)));
  } else if (healthCheckNodePort !== 0) {
    const problem = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid("spec.healthCheckNodePort", healthCheckNodePort, problem));
  }
  if (internal === undefined && needsClusterIp(spec)) errors.push(required("spec.internalTrafficPolicy"));
  if (internal !== undefined && !trafficPolicies.includes(internal)) {
    errors.push(notSupported("spec.internalTrafficPolicy", internal, trafficPolicies));
  }
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution)) {
    errors.push(notSupported("spec.trafficDistribution", trafficDistribution, distributions));
  }
  return errors;
}

const topologyMode = "service.kubernetes.io/topology-mode";
const topologyHints = "service.kubernetes.io/topology-aware-hints";

function validateTopology({ metadata: { annotations = {} } }: Service): FieldError[] {
  const { [topologyMode]: mode, [topologyHints]: hints } = annotations;
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const problem = `must match annotations[${topologyHints}] when both are specified`;
  return [invalid(`metadata.annotations[${topologyMode}]`, mode, problem)];
}

export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  return [
    ...validateTopology(service),
    ...validateForType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...validateExternalIps(spec),
    ...checkChoice("spec.type", spec.type, types),
    ...validateNodePorts(spec),
    ...validateUniquePorts(spec),
    ...validateSourceRanges(service),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  const both = (test: (spec: ServiceSpec) => boolean) => test(next.spec) && test(previous.spec);
  const reclassed =
    both(({ type }) => type === "LoadBalancer") && next.spec.loadBalancerClass !== previous.spec.loadBalancerClass;
  const reported = next.spec.healthCheckNodePort !== previous.spec.healthCheckNodePort;
  return [
    ...validateAddressesUpdate(next, previous),
    ...(reclassed ? [invalid("spec.loadBalancerClass", next.spec.loadBalancerClass, "may not change once set")] : []),
    ...(both(needsHealthCheckPort) && reported ? [forbidden("spec.healthCheckNodePort", "field is immutable")] : []),
    ...validateService(next),
  ];
}

const ipModes = ["Proxy", "VIP"];

function validateIngress({ ip = "", ipMode, hostname }: LoadBalancerIngress, field: string): FieldError[] {
  const errors = ip === "" ? [] : checkFormat(`${field}.ip`, ip, ipProblems);
  if (ipMode === undefined) {
    if (ip !== "") errors.push(required(`${field}.ipMode`, "must be specified when `ip` is set"));
  } else if (ip === "") errors.push(forbidden(`${field}.ipMode`, "may not be specified when `ip` is not set"));
  else if (!ipModes.includes(ipMode)) errors.push(notSupported(`${field}.ipMode`, ipMode, ipModes));
  errors.push(...checkFormat(`${field}.hostname`, hostname, dnsSubdomainProblems));
  if (hostname !== undefined && isIP(hostname) !== 0) {
    errors.push(invalid(`${field}.hostname`, hostname, "must be a DNS name, not an IP address"));
  }
  return errors;
}

/** ValidateLoadBalancerStatus */
export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const field = "status.loadBalancer.ingress";
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer" && ingress.length > 0) {
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingress.flatMap((one, index) => validateIngress(one, `${field}[${index}]`));
}
