import { describe, expect, it } from "vitest";
import { cellsOf, createKind, readKind, statusProblems, updateKind } from "../kind-fixture.ts";
import { services } from "./resource.ts";

const service = (spec: object = {}) => ({ spec: { ports: [{ port: 80 }], selector: { app: "web" }, ...spec } });

describe("defaults of a Service", () => {
  const plain = {
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
    selector: { app: "web" },
    ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
  };
  it.each<[string, object, object]>([
    ["a plain one", {}, plain],
    [
      "ports go where they say",
      { ports: [{ port: 53, protocol: "UDP", targetPort: "dns" }] },
      { ...plain, ports: [{ port: 53, protocol: "UDP", targetPort: "dns" }] },
    ],
    [
      "kept clients are kept for three hours",
      { sessionAffinity: "ClientIP" },
      { ...plain, sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
    ],
    [
      "or as long as is said",
      { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      { ...plain, sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    ],
    ["who keeps no clients needs no time", { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }, plain],
    [
      "traffic from outside is spread",
      { externalIPs: ["192.0.2.1"] },
      { ...plain, externalIPs: ["192.0.2.1"], externalTrafficPolicy: "Cluster" },
    ],
    ["on the nodes", { type: "NodePort" }, { ...plain, type: "NodePort", externalTrafficPolicy: "Cluster" }],
    [
      "behind a load balancer",
      { type: "LoadBalancer" },
      {
        ...plain,
        type: "LoadBalancer",
        externalTrafficPolicy: "Cluster",
        allocateLoadBalancerNodePorts: true,
      },
    ],
    [
      "another name for something",
      { type: "ExternalName", externalName: "example.com", ports: [] },
      { type: "ExternalName", externalName: "example.com", sessionAffinity: "None", selector: { app: "web" } },
    ],
  ])("%s", (_sentence, spec, expected) => {
    expect(readKind(services, service(spec)).spec).toEqual(expected);
  });
});

describe("what the system decides in a new Service", () => {
  it.each<[string, object, object]>([
    ["one family", {}, { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" }],
    [
      "an address of the user's own, in both fields",
      { clusterIP: "10.96.0.7" },
      { clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" },
    ],
    [
      "the family of the address",
      { clusterIP: "fd00::7" },
      { clusterIP: "fd00::7", clusterIPs: ["fd00::7"], ipFamilies: ["IPv6"], ipFamilyPolicy: "SingleStack" },
    ],
    [
      "none, for pods",
      { clusterIP: "None" },
      { clusterIP: "None", clusterIPs: ["None"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" },
    ],
    [
      "none, for endpoints that someone else knows: both families",
      { clusterIP: "None", selector: {} },
      {
        clusterIP: "None",
        clusterIPs: ["None"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "RequireDualStack",
      },
    ],
  ])("%s", (_sentence, spec, expected) => {
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = createKind(services, service(spec)).spec;
    const said = Object.entries({ clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }).filter(([, one]) => one);
    expect(Object.fromEntries(said)).toEqual(expected);
  });

  it("nothing but its name for an ExternalName", () => {
    const { spec, status } = createKind(services, service({ type: "ExternalName", externalName: "example.com" }));
    expect(spec).not.toHaveProperty("ipFamilies");
    expect(status).toEqual({ loadBalancer: {} });
  });
});

describe("what the system decides in an updated Service", () => {
  const nodePorts = (...ports: (number | undefined)[]) => ({
    type: "NodePort",
    ports: ports.map((nodePort, index) => ({ name: `p${index}`, port: index + 1, ...(nodePort ? { nodePort } : {}) })),
  });
  const spec = (before: object, after: object) => updateKind(services, service(before), service(after)).spec;
  const address = { clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"] };
  const families = { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" };

  it("the address, the families and the ports need not be repeated", () => {
    expect(spec(address, {})).toMatchObject({ ...address, ...families });
    expect(spec(nodePorts(30_001, 30_002), nodePorts(undefined, 30_003)).ports).toMatchObject([
      { name: "p0", nodePort: 30_001 },
      { name: "p1", nodePort: 30_003 },
    ]);
  });

  it("a port that another one takes is not given back", () => {
    const after = nodePorts(undefined, 30_001);
    expect(spec(nodePorts(30_001), after).ports?.map(({ nodePort }) => nodePort)).toEqual([undefined, 30_001]);
  });

  it("an address that only an old client changes is changed in both fields", () => {
    expect(spec(address, { ...address, clusterIP: "10.96.0.8" }).clusterIPs).toEqual(["10.96.0.8"]);
  });

  it("who becomes an ExternalName loses what it no longer needs", () => {
    const { type, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = spec(
      { ...address, ...families },
      { ...address, ...families, type: "ExternalName", externalName: "example.com" },
    );
    expect([type, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy]).toEqual([
      "ExternalName",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("who leaves the nodes loses their ports and policies, unless they were just set", () => {
    const before = { ...nodePorts(30_001), externalTrafficPolicy: "Local" };
    const after = spec(before, { ...before, type: "ClusterIP" });
    expect(after.ports).toEqual([{ name: "p0", port: 1, protocol: "TCP", targetPort: 1 }]);
    expect(after).not.toHaveProperty("externalTrafficPolicy");
    const set = spec(before, { ...before, ...nodePorts(30_002), type: "ClusterIP", externalTrafficPolicy: "Cluster" });
    expect(set).toMatchObject({ ports: [{ nodePort: 30_002 }], externalTrafficPolicy: "Cluster" });
  });

  it("the status stays", () => {
    expect(updateKind(services, service(), { ...service(), status: {} }).status).toEqual({ loadBalancer: {} });
  });
});

describe("the status of a Service", () => {
  const ingress = (...all: object[]) => ({ loadBalancer: { ingress: all } });
  const at = "status.loadBalancer.ingress[0]";
  const balanced = service({ type: "LoadBalancer" }).spec;
  it.each<[string, object, object, string[]]>([
    ["an address", balanced, ingress({ ip: "192.0.2.1", ipMode: "VIP" }), []],
    ["a name", balanced, ingress({ hostname: "lb.example.com" }), []],
    [
      "not of a load balancer",
      service().spec,
      ingress({ ip: "192.0.2.1", ipMode: "VIP" }),
      ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
    ],
    [
      "no address, and an odd mode",
      balanced,
      ingress({ ip: "x", ipMode: "Odd" }),
      [
        `${at}.ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
        `${at}.ipMode: Unsupported value: "Odd": supported values: "Proxy", "VIP"`,
      ],
    ],
    [
      "a mode without an address",
      balanced,
      ingress({ hostname: "lb.example.com", ipMode: "VIP" }),
      [`${at}.ipMode: Forbidden: may not be specified when \`ip\` is not set`],
    ],
    [
      "an address as a name",
      balanced,
      ingress({ hostname: "192.0.2.1" }),
      [`${at}.hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address`],
    ],
  ])("%s", (_sentence, spec, status, expected) => {
    expect(statusProblems(services, spec, status)).toEqual(expected);
  });

  it("an address of a load balancer is a virtual one unless it says otherwise", () => {
    const { status } = readKind(services, {
      spec: balanced,
      status: ingress({ ip: "192.0.2.1" }, { hostname: "a.b" }),
    });
    expect(status?.loadBalancer?.ingress).toEqual([{ ip: "192.0.2.1", ipMode: "VIP" }, { hostname: "a.b" }]);
  });
});

describe("a Service in a table", () => {
  const created = { creationTimestamp: "2026-01-01T00:00:00Z" };
  const now = Date.parse("2026-01-01T00:05:00Z");
  const cells = (spec: object, status: object = { loadBalancer: {} }) =>
    cellsOf(services, { ...createKind(services, { ...service(spec), metadata: created }), status }, now);
  const plain = {
    Name: "a",
    Type: "ClusterIP",
    "Cluster-IP": "<none>",
    "External-IP": "<none>",
    "Port(s)": "80/TCP",
    Age: "5m",
    Selector: "app=web",
  };
  it.each<[string, object, object]>([
    ["a plain one", {}, plain],
    ["headless", { clusterIP: "None", ports: [] }, { ...plain, "Cluster-IP": "None", "Port(s)": "<none>" }],
    [
      "ports of the nodes",
      {
        type: "NodePort",
        clusterIP: "10.96.0.7",
        ports: [
          { name: "a", port: 80, nodePort: 30_080 },
          { name: "b", port: 53, protocol: "UDP" },
        ],
        externalIPs: ["192.0.2.1", "192.0.2.2"],
      },
      {
        ...plain,
        Type: "NodePort",
        "Cluster-IP": "10.96.0.7",
        "External-IP": "192.0.2.1,192.0.2.2",
        "Port(s)": "80:30080/TCP,53/UDP",
      },
    ],
    [
      "a load balancer to come",
      { type: "LoadBalancer" },
      { ...plain, Type: "LoadBalancer", "External-IP": "<pending>" },
    ],
    [
      "another name",
      { type: "ExternalName", externalName: "example.com", ports: [], selector: {} },
      { ...plain, Type: "ExternalName", "External-IP": "example.com", "Port(s)": "<none>", Selector: "<none>" },
    ],
  ])("%s", (_sentence, spec, expected) => {
    expect(cells(spec)).toEqual(expected);
  });

  it("a load balancer's addresses, sorted, then one's own", () => {
    const status = { loadBalancer: { ingress: [{ hostname: "lb.example.com" }, { ip: "192.0.2.9" }] } };
    expect(cells({ type: "LoadBalancer", externalIPs: ["192.0.2.1"] }, status)).toMatchObject({
      "External-IP": "192.0.2.9,lb.example.com,192.0.2.1",
    });
  });

  it("can be selected by its address and its type", () => {
    expect(services.selectableFieldNames).toEqual([
      "metadata.name",
      "metadata.namespace",
      "spec.clusterIP",
      "spec.type",
    ]);
  });
});
