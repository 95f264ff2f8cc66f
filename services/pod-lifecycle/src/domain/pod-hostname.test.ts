import { describe, expect, it } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { etcHosts } from "./etc-hosts.ts";
import { kernelHostname } from "./pod-hostname.ts";

describe("the host name", () => {
  it.each([
    ["the pod's name", {}, "web"],
    ["or what it says", { hostname: "db" }, "db"],
    ["a subdomain alone changes nothing", { subdomain: "shop" }, "web"],
    [
      "the full name, if it wants that",
      { subdomain: "shop", setHostnameAsFQDN: true },
      "web.shop.default.svc.cluster.local",
    ],
    ["there is none without a subdomain", { setHostnameAsFQDN: true }, "web"],
    ["at most 63 characters", { hostname: `${"h".repeat(62)}-tail` }, "h".repeat(62)],
  ])("%s", (_, spec, expected) => {
    expect(kernelHostname(pod(spec), "cluster.local")).toBe(expected);
  });

  it("is refused if the full name is too long for the kernel", () => {
    const subdomain = "s".repeat(40);
    expect(() => kernelHostname(pod({ subdomain, setHostnameAsFQDN: true }), "cluster.local")).toThrow(
      `FQDN web.${subdomain}.default.svc.cluster.local is too long (64 characters is the max, 70 characters requested)`,
    );
  });
});

describe("/etc/hosts", () => {
  it("names the pod, in full first, and what it wants to be added", () => {
    const subject = pod({ subdomain: "shop", hostAliases: [{ ip: "192.0.2.7", hostnames: ["a.example", "b"] }] });
    const lines = etcHosts(subject, ["10.1.0.5"], "corp.internal").split("\n");
    expect(lines).toContain("10.1.0.5\tweb.shop.default.svc.corp.internal\tweb");
    expect(lines).toContain("192.0.2.7\ta.example\tb");
  });
});
