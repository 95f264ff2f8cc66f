import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCertificateAuthority, issueCertificate } from "./index.ts";

const now = Date.UTC(2026, 0, 1);

describe("certificates", () => {
  it("an authority signs itself, may sign others, and lasts ten years", async () => {
    const authority = await createCertificateAuthority("podbus", now);
    const certificate = new X509Certificate(authority.certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe("CN=podbus");
    expect(new Date(certificate.validTo).getUTCFullYear()).toBe(2035);
  });

  it("a server certificate carries its names and is signed by the authority", async () => {
    const authority = await createCertificateAuthority("podbus", now);
    const server = await issueCertificate(authority, {
      commonName: "podbus-api",
      usage: "server",
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1", "::1"],
      now,
    });
    const certificate = new X509Certificate(server.certificatePem);
    expect(certificate.checkIssued(new X509Certificate(authority.certificatePem))).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkHost("example.com")).toBeUndefined();
    expect(new Date(certificate.validTo).getUTCFullYear()).toBe(2027);
  });

  it("a client certificate names its user and groups and may not serve", async () => {
    const authority = await createCertificateAuthority("podbus", now);
    const client = await issueCertificate(authority, {
      commonName: "kubernetes-admin",
      organizations: ["system:masters", "people, and others"],
      usage: "client",
      now,
    });
    const certificate = new X509Certificate(client.certificatePem);
    expect(certificate.subject.split("\n")).toEqual([
      "O=system:masters",
      "O=people\\, and others",
      "CN=kubernetes-admin",
    ]);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });
});
