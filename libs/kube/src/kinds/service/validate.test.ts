import { describe, expect, it } from "vitest";
import { creationProblems, updateProblems } from "../kind-fixture.ts";
import { services } from "./resource.ts";

const service = (spec: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { ports: [{ port: 80 }], selector: { app: "web" }, ...spec },
});
const ports = (...all: object[]) => service({ ports: all });
const onNodes = (...all: object[]) => service({ type: "NodePort", ports: all });
const balanced = (spec: object = {}) => service({ type: "LoadBalancer", ...spec });
const renamed = (spec: object = {}) => service({ type: "ExternalName", externalName: "example.com", ...spec });
const headless = (spec: object = {}) => service({ clusterIP: "None", ...spec });

const serviceName =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const qualifiedName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const noIp = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const noCidr = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const onlyBalanced = "may only be used when `type` is 'LoadBalancer'";
const ranges = "service.beta.kubernetes.io/load-balancer-source-ranges";

describe("validation of a Service", () => {
  it.each<[string, object, string[]]>([
    ["a plain one", service(), []],
    [
      "a name that begins with a digit",
      service({}, { name: "1a" }),
      [`metadata.name: Invalid value: "1a": ${serviceName}`],
    ],
    [
      "an odd type",
      service({ type: "Cluster" }),
      [
        'spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    ["no ports", ports(), ["spec.ports: Required value"]],
    ["headless without ports", headless({ ports: [] }), []],
    [
      "headless on the nodes",
      headless({ type: "NodePort" }),
      [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
    ],
    [
      "headless behind a load balancer",
      headless({ type: "LoadBalancer" }),
      [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for LoadBalancer services`],
    ],
    ["another name", renamed(), []],
    ["another name with its dot", renamed({ externalName: "example.com." }), []],
    ["another name that is not said", renamed({ externalName: "" }), ["spec.externalName: Required value"]],
    [
      "another name that is none",
      renamed({ externalName: "-" }),
      [`spec.externalName: Invalid value: "-": ${subdomain}`],
    ],
    [
      "another name with addresses",
      renamed({ clusterIP: "10.96.0.7", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" }),
      [
        "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
        "spec.ipFamilies: Forbidden: may not be set for ExternalName services",
        "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services",
      ],
    ],
    ["two ports", ports({ name: "a", port: 80 }, { name: "b", port: 81 }), []],
    [
      "two ports without names",
      ports({ port: 80 }, { port: 81 }),
      ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
    ],
    [
      "two ports of one name",
      ports({ name: "a", port: 80 }, { name: "a", port: 81 }),
      ['spec.ports[1].name: Duplicate value: "a"'],
    ],
    ["a port with a bad name", ports({ name: "A", port: 80 }), [`spec.ports[0].name: Invalid value: "A": ${label}`]],
    [
      "a port beyond all",
      ports({ port: 65_536, targetPort: 80 }),
      ["spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive"],
    ],
    [
      "an odd protocol",
      ports({ port: 80, protocol: "ICMP" }),
      ['spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    ["a named target", ports({ port: 80, targetPort: "http" }), []],
    [
      "a target that is no name",
      ports({ port: 80, targetPort: "80" }),
      ['spec.ports[0].targetPort: Invalid value: "80": must contain at least one letter (a-z)'],
    ],
    [
      "a target beyond all",
      ports({ port: 80, targetPort: -1 }),
      ["spec.ports[0].targetPort: Invalid value: -1: must be between 1 and 65535, inclusive"],
    ],
    ["a spoken protocol", ports({ port: 80, appProtocol: "kubernetes.io/h2c" }), []],
    [
      "a spoken protocol that is no name",
      ports({ port: 80, appProtocol: "*" }),
      [`spec.ports[0].appProtocol: Invalid value: "*": ${qualifiedName}`],
    ],
    [
      "one port twice",
      ports({ name: "a", port: 80 }, { name: "b", port: 80 }),
      ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
    ],
    ["one port of two protocols", ports({ name: "a", port: 53 }, { name: "b", port: 53, protocol: "UDP" }), []],
    [
      "a port of the nodes without need",
      ports({ port: 80, nodePort: 30_080 }),
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      "ports of the nodes",
      onNodes({ name: "a", port: 80, nodePort: 30_000 }, { name: "b", port: 81, nodePort: 32_767 }),
      [],
    ],
    [
      "a port of the nodes twice",
      onNodes({ name: "a", port: 80, nodePort: 30_080 }, { name: "b", port: 81, nodePort: 30_080 }),
      ["spec.ports[1].nodePort: Duplicate value: 30080"],
    ],
    [
      "a port of the nodes for two protocols",
      onNodes({ name: "a", port: 53, nodePort: 30_053 }, { name: "b", port: 53, protocol: "UDP", nodePort: 30_053 }),
      [],
    ],
    [
      "a selector that is none",
      service({ selector: { "a b": "c" } }),
      [`spec.selector: Invalid value: "a b": ${qualifiedName}`],
    ],
    [
      "clients kept for a day",
      service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_400 } } }),
      [],
    ],
    [
      "clients kept for longer",
      service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } }),
      [
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
      ],
    ],
    [
      "an odd affinity",
      service({ sessionAffinity: "Cookie" }),
      ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"'],
    ],
    ["an address of one's own", service({ clusterIP: "10.96.0.7" }), []],
    ["an address that is none", service({ clusterIP: "x" }), [`spec.clusterIPs[0]: Invalid value: "x": ${noIp}`]],
    [
      "addresses that disagree",
      service({ clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.8"] }),
      ['spec.clusterIPs: Invalid value: []string{"10.96.0.8"}: first value must match `clusterIP`'],
    ],
    [
      "the newer field alone",
      service({ clusterIPs: ["10.96.0.8"] }),
      ['spec.clusterIPs: Invalid value: []string{"10.96.0.8"}: must be empty when `clusterIP` is not specified'],
    ],
    [
      "none and one",
      service({ clusterIP: "None", clusterIPs: ["None", "10.96.0.8"] }),
      [`spec.clusterIPs: Invalid value: []string{"None", "10.96.0.8"}: 'None' must be the first and only value`],
    ],
    [
      "two of one family",
      service({ clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7", "10.96.0.8"], ipFamilies: ["IPv4", "IPv6"] }),
      [
        'spec.clusterIPs: Invalid value: []string{"10.96.0.7", "10.96.0.8"}: may specify no more than one IP for each IP family',
        'spec.clusterIPs[1]: Invalid value: "10.96.0.8": expected an IPv6 value as indicated by `ipFamilies[1]`',
      ],
    ],
    [
      "an address of another family than is said",
      service({ clusterIP: "fd00::7", ipFamilies: ["IPv4"] }),
      ['spec.clusterIPs[0]: Invalid value: "fd00::7": expected an IPv4 value as indicated by `ipFamilies[0]`'],
    ],
    [
      "odd families",
      headless({ selector: {}, ipFamilies: ["IPv4", "IPv5", "IPv4"], ipFamilyPolicy: "Odd" }),
      [
        'spec.ipFamilies[1]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
        'spec.ipFamilies[2]: Duplicate value: "IPv4"',
        'spec.ipFamilyPolicy: Unsupported value: "Odd": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      ],
    ],
    ["two families if there are", service({ ipFamilyPolicy: "PreferDualStack" }), []],
    [
      "two families in a cluster of one",
      service({ ipFamilyPolicy: "RequireDualStack" }),
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ],
    ],
    [
      "the other family",
      service({ ipFamilies: ["IPv6"] }),
      ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    ],
    [
      "two families and one",
      service({ ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "SingleStack" }),
      [
        `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
      ],
    ],
    ["headless with both families, its endpoints known to someone else", headless({ selector: {} }), []],
    ["addresses outside", service({ externalIPs: ["192.0.2.1"] }), []],
    [
      "addresses outside that are none",
      service({ externalIPs: ["x", "127.0.0.1"] }),
      [
        `spec.externalIPs[0]: Invalid value: "x": ${noIp}`,
        'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      "all of a load balancer",
      balanced({
        loadBalancerSourceRanges: ["192.0.2.0/24", " 2001:db8::/32 "],
        loadBalancerClass: "example.com/lb",
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: "Local",
        healthCheckNodePort: 32_000,
      }),
      [],
    ],
    ["a load balancer whose health port is to come", balanced({ externalTrafficPolicy: "Local" }), []],
    [
      "clients of a load balancer that are no range",
      balanced({ loadBalancerSourceRanges: ["192.0.2.0/33"] }),
      [`spec.LoadBalancerSourceRanges[0]: Invalid value: "192.0.2.0/33": ${noCidr}`],
    ],
    [
      "a load balancer's fields elsewhere",
      service({
        loadBalancerSourceRanges: ["192.0.2.0/24"],
        loadBalancerClass: "x",
        allocateLoadBalancerNodePorts: true,
        healthCheckNodePort: 32_000,
      }),
      [
        `spec.LoadBalancerSourceRanges: Forbidden: ${onlyBalanced}`,
        `spec.allocateLoadBalancerNodePorts: Forbidden: ${onlyBalanced}`,
        `spec.loadBalancerClass: Forbidden: ${onlyBalanced}`,
        "spec.healthCheckNodePort: Invalid value: 32000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    [
      "clients of a load balancer in the old annotation",
      service({}, { annotations: { [ranges]: "192.0.2.0/24, x" } }),
      [
        `metadata.annotations[${ranges}]: Forbidden: ${onlyBalanced}`,
        `metadata.annotations[${ranges}]: Invalid value: "x": ${noCidr}`,
      ],
    ],
    [
      "a class that is no name",
      balanced({ loadBalancerClass: "*" }),
      [`spec.loadBalancerClass: Invalid value: "*": ${qualifiedName}`],
    ],
    [
      "a policy for traffic from outside where there is none",
      service({ externalTrafficPolicy: "Local" }),
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      "odd policies",
      balanced({ externalTrafficPolicy: "Odd", internalTrafficPolicy: "Odd", trafficDistribution: "Odd" }),
      [
        'spec.externalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
        'spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
        'spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose"',
      ],
    ],
    ["nearby endpoints", service({ trafficDistribution: "PreferClose" }), []],
    [
      "annotations that disagree",
      service(
        {},
        {
          annotations: {
            "service.kubernetes.io/topology-mode": "Auto",
            "service.kubernetes.io/topology-aware-hints": "Disabled",
          },
        },
      ),
      [
        'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
      ],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(services, value)).toEqual(expected);
  });
});

describe("updates of a Service", () => {
  const at = (clusterIP: string, more: object = {}) => service({ clusterIP, clusterIPs: [clusterIP], ...more });
  it.each<[string, object, object, string[]]>([
    ["the ports change", service(), ports({ port: 81 }), []],
    ["an address comes", service(), at("10.96.0.7"), []],
    [
      "the address changes",
      at("10.96.0.7"),
      at("10.96.0.8"),
      ['spec.clusterIPs[0]: Invalid value: []string{"10.96.0.8"}: may not change once set'],
    ],
    [
      "the address goes",
      at("10.96.0.7"),
      headless(),
      ['spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set'],
    ],
    ["it becomes an ExternalName", at("10.96.0.7"), renamed(), []],
    ["it was an ExternalName", renamed(), at("10.96.0.7"), []],
    ["headless stays headless", headless({ selector: {} }), headless({ selector: {}, ports: [] }), []],
    [
      "the class changes",
      balanced({ loadBalancerClass: "a" }),
      balanced({ loadBalancerClass: "b" }),
      ['spec.loadBalancerClass: Invalid value: "b": may not change once set'],
    ],
    [
      "the health port changes",
      balanced({ externalTrafficPolicy: "Local", healthCheckNodePort: 32_000 }),
      balanced({ externalTrafficPolicy: "Local", healthCheckNodePort: 32_001 }),
      ["spec.healthCheckNodePort: Forbidden: field is immutable"],
    ],
    ["the new one is judged too", service(), ports(), ["spec.ports: Required value"]],
  ])("%s", (_sentence, before, after, expected) => {
    expect(updateProblems(services, before, after)).toEqual(expected);
  });
});
