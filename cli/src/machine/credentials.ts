import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createUser, fromSeed } from "@nats-io/nkeys";
import type { Clock } from "@podbus/clock";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type IssuedCertificate,
  issueCertificate,
} from "api-gateway/pki";
import { stringify } from "yaml";
import type { BusIdentity } from "../bus-access/identities.ts";

const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

export interface ApiNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

export interface ApiCredentials {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Signs the tokens of service accounts. */
  readonly serviceAccountKeyFile: string;
  /** How Secrets are encrypted in the store. */
  readonly encryptionConfigFile: string;
  readonly kubeconfig: string;
}

/**
 * The certificates of the API server and of its admin, below `pkiDir`, the key that Secrets are encrypted with, and the
 * admin's kubeconfig. What is there is kept; a certificate that is missing or has less than 30 days to live is issued anew.
 */
export async function ensureApiCredentials(
  pkiDir: string,
  apiUrl: string,
  names: ApiNames,
  clock: Clock,
): Promise<ApiCredentials> {
  await mkdir(pkiDir, { recursive: true, mode: 0o700 });
  const now = clock.now();
  const authority = await ensurePair(pkiDir, "ca", now, () => createCertificateAuthority("podbus", now));
  await ensurePair(pkiDir, "apiserver", now, () =>
    issueCertificate(authority, { commonName: "podbus-apiserver", usage: "server", ...names, now }),
  );
  const admin = await ensurePair(pkiDir, "admin", now, () =>
    issueCertificate(authority, { commonName: "admin", organizations: ["system:masters"], usage: "client", now }),
  );
  return {
    caFile: join(pkiDir, "ca.crt"),
    certFile: join(pkiDir, "apiserver.crt"),
    keyFile: join(pkiDir, "apiserver.key"),
    serviceAccountKeyFile: await ensureServiceAccountKey(join(pkiDir, "service-accounts.key")),
    encryptionConfigFile: await ensureEncryptionConfig(join(pkiDir, "encryption.yaml")),
    kubeconfig: renderKubeconfig(apiUrl, authority, admin),
  };
}

/** To put another key in its place, write it in front of this one: the first signs, all of them verify. */
async function ensureServiceAccountKey(file: string): Promise<string> {
  if ((await readIfThere(file)) !== undefined) return file;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return file;
}

/** The last provider lets Secrets be read that were stored before there was a key; they are encrypted when the store opens. */
async function ensureEncryptionConfig(file: string): Promise<string> {
  if ((await readIfThere(file)) !== undefined) return file;
  const key = { name: "key1", secret: randomBytes(32).toString("base64") };
  const config = stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ aesgcm: { keys: [key] } }, { identity: {} }] }],
  });
  await writeFile(file, config, { mode: 0o600 });
  return file;
}

async function ensurePair(
  dir: string,
  name: string,
  now: number,
  issue: () => Promise<IssuedCertificate>,
): Promise<IssuedCertificate> {
  const [certFile, keyFile] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const [certificatePem, keyPem] = await Promise.all([readIfThere(certFile), readIfThere(keyFile)]);
  if (certificatePem && keyPem && Date.parse(new X509Certificate(certificatePem).validTo) > now + renewBeforeMs) {
    return { certificatePem, keyPem };
  }
  const pair = await issue();
  await writeFile(keyFile, pair.keyPem, { mode: 0o600 });
  await writeFile(certFile, pair.certificatePem);
  return pair;
}

function renderKubeconfig(apiUrl: string, authority: CertificateAuthority, admin: IssuedCertificate): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "podbus", cluster: { server: apiUrl, "certificate-authority-data": base64(authority.certificatePem) } },
    ],
    users: [
      {
        name: "admin",
        user: {
          "client-certificate-data": base64(admin.certificatePem),
          "client-key-data": base64(admin.keyPem),
        },
      },
    ],
    contexts: [{ name: "podbus", context: { cluster: "podbus", user: "admin" } }],
    "current-context": "podbus",
  });
}

/** An identity with its public key, which is all that the NATS server learns of it. */
export interface KeyedIdentity extends BusIdentity {
  readonly publicKey: string;
}

/** Gives each identity an nkey, whose seed is kept in `<dir>/<name>[.<node>].seed`, readable by root only. */
export async function ensureSeeds(dir: string, identities: readonly BusIdentity[]): Promise<readonly KeyedIdentity[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return Promise.all(
    identities.map(async (identity) => ({ ...identity, publicKey: await ensureSeed(seedFile(dir, identity)) })),
  );
}

export function seedFile(dir: string, identity: { readonly name: string; readonly node: string }): string {
  return join(dir, `${[identity.name, identity.node].filter(Boolean).join(".")}.seed`);
}

/** The nkey seed of an identity. */
export function readSeed(dir: string, identity: { readonly name: string; readonly node: string }): Promise<Uint8Array> {
  return readFile(seedFile(dir, identity));
}

async function ensureSeed(file: string): Promise<string> {
  const seed = await readIfThere(file);
  if (seed) return fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey();
  const user = createUser();
  await writeFile(file, user.getSeed(), { mode: 0o600 });
  return user.getPublicKey();
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
