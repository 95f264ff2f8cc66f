// @peculiar/x509 needs the polyfill to be loaded before it.
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** Both in PEM. The key is PKCS #8. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export type CertificateAuthority = IssuedCertificate;

export interface CertificateRequest {
  /** Kubernetes' user name. */
  readonly commonName: string;
  /** Kubernetes' groups. */
  readonly organizations?: readonly string[];
  readonly usage: "server" | "client";
  /** Server names and addresses. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Unix milliseconds. */
  readonly now: number;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 3650;
const leafDays = 365;
/** Certificates begin a little in the past, for machines whose clocks differ. */
const clockSkewMs = 5 * 60 * 1000;

/** A self-signed authority, ECDSA P-256, valid for ten years. */
export async function createCertificateAuthority(commonName: string, now: number): Promise<CertificateAuthority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    name: [{ CN: [commonName] }],
    ...validity(now, authorityDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pem(certificate), keyPem: await privateKeyPem(keys.privateKey) };
}

/** A leaf signed by `authority`, ECDSA P-256, valid for one year. */
export async function issueCertificate(
  authority: CertificateAuthority,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    subject: subjectOf(request),
    issuer: issuer.subjectName,
    ...validity(request.now, leafDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.keyPem),
    extensions: await leafExtensions(request, keys.publicKey, issuer),
  });
  return { certificatePem: pem(certificate), keyPem: await privateKeyPem(keys.privateKey) };
}

async function leafExtensions(
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate,
): Promise<x509.Extension[]> {
  const purpose = request.usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const names: x509.JsonGeneralNames = [
    ...(request.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}

function subjectOf(request: CertificateRequest): x509.JsonName {
  const organizations = (request.organizations ?? []).map((value) => ({ O: [value] }));
  return [...organizations, { CN: [request.commonName] }];
}

function validity(now: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - clockSkewMs), notAfter: new Date(now + days * dayMs) };
}

/** 16 random bytes, positive: RFC 5280, 4.1.2.2. */
function randomSerialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY").trim()}\n`;
}

function importPrivateKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(keyPem);
  if (!der) throw new Error("the authority's key is not PEM");
  return crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
