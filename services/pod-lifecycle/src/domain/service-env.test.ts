import { describe, expect, it } from "vitest";
import { type KnownService, type ServiceEnvInputs, serviceEnv } from "./service-env.ts";

const service = (name: string, change: Partial<KnownService> = {}): KnownService => ({
  namespace: "shop",
  name,
  clusterIp: "10.96.0.11",
  ports: [{ name: "", port: 6379, protocol: "TCP" }],
  ...change,
});
const kubernetes = service("kubernetes", {
  namespace: "default",
  clusterIp: "10.96.0.1",
  ports: [{ name: "https", port: 443, protocol: "TCP" }],
});
const variables = (services: readonly KnownService[], change: Partial<ServiceEnvInputs> = {}) =>
  Object.fromEntries(
    serviceEnv({ services, namespace: "shop", enableServiceLinks: true, apiAddress: undefined, ...change }),
  );

describe("variables of a Service", () => {
  it("are those of Kubernetes and of Docker's links", () => {
    expect(variables([service("redis-primary")])).toEqual({
      REDIS_PRIMARY_SERVICE_HOST: "10.96.0.11",
      REDIS_PRIMARY_SERVICE_PORT: "6379",
      REDIS_PRIMARY_PORT: "tcp://10.96.0.11:6379",
      REDIS_PRIMARY_PORT_6379_TCP: "tcp://10.96.0.11:6379",
      REDIS_PRIMARY_PORT_6379_TCP_PROTO: "tcp",
      REDIS_PRIMARY_PORT_6379_TCP_PORT: "6379",
      REDIS_PRIMARY_PORT_6379_TCP_ADDR: "10.96.0.11",
    });
  });

  it("name each port that has a name; the first one has the plain names too", () => {
    const ports = [
      { name: "dns-tcp", port: 53, protocol: "TCP" },
      { name: "dns", port: 53, protocol: "UDP" },
    ];
    const found = variables([service("dns", { ports })]);
    expect(found).toMatchObject({
      DNS_SERVICE_PORT: "53",
      DNS_SERVICE_PORT_DNS_TCP: "53",
      DNS_SERVICE_PORT_DNS: "53",
      DNS_PORT: "tcp://10.96.0.11:53",
      DNS_PORT_53_UDP: "udp://10.96.0.11:53",
      DNS_PORT_53_UDP_PROTO: "udp",
    });
  });

  it("put brackets around an IPv6 address in a URL only", () => {
    const found = variables([service("six", { clusterIp: "fd00::1" })]);
    expect(found).toMatchObject({ SIX_SERVICE_HOST: "fd00::1", SIX_PORT: "tcp://[fd00::1]:6379" });
  });
});

describe("a pod has variables", () => {
  it("of its own namespace and of the API server", () => {
    const names = Object.keys(variables([service("a"), service("b", { namespace: "other" }), kubernetes]));
    expect(names.filter((name) => name.endsWith("_SERVICE_HOST"))).toEqual([
      "A_SERVICE_HOST",
      "KUBERNETES_SERVICE_HOST",
    ]);
  });

  it("of the API server only, without service links", () => {
    const names = Object.keys(variables([service("a"), kubernetes], { enableServiceLinks: false }));
    expect(names.filter((name) => name.endsWith("_SERVICE_HOST"))).toEqual(["KUBERNETES_SERVICE_HOST"]);
  });

  it.each([
    ["after", [kubernetes, service("kubernetes")]],
    ["before", [service("kubernetes"), kubernetes]],
  ])("of a Service of its own that has the API server's name (listed %s it)", (_, services) => {
    expect(variables(services)).toMatchObject({ KUBERNETES_SERVICE_HOST: "10.96.0.11" });
  });

  it("that lead to where the API server answers, if that is known", () => {
    const apiAddress = { host: "192.0.2.1", port: 6443 };
    for (const namespace of ["shop", "default"]) {
      expect(variables([kubernetes], { apiAddress, namespace })).toMatchObject({
        KUBERNETES_SERVICE_HOST: "192.0.2.1",
        KUBERNETES_SERVICE_PORT_HTTPS: "6443",
        KUBERNETES_PORT_6443_TCP: "tcp://192.0.2.1:6443",
      });
    }
  });
});
