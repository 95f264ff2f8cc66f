import { createHash } from "node:crypto";
import type { RegistryCredential } from "../credentials/registry-credential.ts";

/** A Secret whose credential has pulled an image; the credential only as a hash. */
export interface PullSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly credentialHash: string;
}

/** Who may use an image under one of its repositories' names. */
export interface RecordedAccess {
  /** Pulled by nobody in particular, or with the node's own credentials. */
  readonly nodePodsAccessible: boolean;
  readonly kubernetesSecrets: readonly PullSecret[];
}

/** That this service has pulled an image, and with what. Rule: pkg/kubelet/apis/config, ImagePulledRecord. */
export interface PullRecord {
  /** The runtime's image id. */
  readonly imageRef: string;
  readonly lastUpdatedMs: number;
  /** By repository, without tag and digest. Without an entry nobody has shown that they may use it. */
  readonly access: Readonly<Record<string, RecordedAccess>>;
}

/** The name of a record or an intent: what it is about may hold any character. */
export function recordKey(imageOrRef: string): string {
  return `sha256-${createHash("sha256").update(imageOrRef).digest("hex")}`;
}

/** Tells credentials apart without telling them. */
export function credentialHash({ username, password, identityToken, registryToken }: RegistryCredential): string {
  const text = JSON.stringify([username, password, identityToken ?? "", registryToken ?? ""]);
  return createHash("sha256").update(text).digest("hex");
}

/** Those of a pod's credentials that come from its Secrets. */
export function pullSecretsOf(available: readonly RegistryCredential[]): readonly PullSecret[] {
  return available.flatMap((credential) => {
    const { source } = credential;
    if (source.kind !== "secret") return [];
    const { namespace, name, uid } = source;
    return [{ namespace, name, uid, credentialHash: credentialHash(credential) }];
  });
}

/** What a pull with this credential shows; undefined for one without any. */
export function accessBy(credential: RegistryCredential | undefined): RecordedAccess {
  const kubernetesSecrets = credential ? pullSecretsOf([credential]) : [];
  return { nodePodsAccessible: kubernetesSecrets.length === 0, kubernetesSecrets };
}

export interface ShownAccess {
  readonly imageRef: string;
  readonly repository: string;
  /** Undefined where it is not known what the image was pulled with. */
  readonly access: RecordedAccess | undefined;
}

/**
 * The record with one more access; the same object where that is in it already.
 * Rule: image_pull_manager.go, writePulledRecordIfChanged and pulledRecordMergeNewCreds.
 */
export function withAccess(record: PullRecord | undefined, shown: ShownAccess, nowMs: number): PullRecord {
  const { imageRef, repository, access } = shown;
  const known = record?.access[repository];
  const merged = access && mergeAccess(known, access);
  if (record && (merged === undefined || merged === known)) return record;
  return {
    imageRef,
    lastUpdatedMs: nowMs,
    access: { ...record?.access, ...(merged ? { [repository]: merged } : {}) },
  };
}

function mergeAccess(known: RecordedAccess | undefined, added: RecordedAccess): RecordedAccess {
  if (!known) return added;
  if (known.nodePodsAccessible) return known;
  if (added.nodePodsAccessible) return added;
  const secrets = new Map(known.kubernetesSecrets.map((secret) => [coordinates(secret), secret]));
  const news = added.kubernetesSecrets.filter(
    (secret) => secrets.get(coordinates(secret))?.credentialHash !== secret.credentialHash,
  );
  if (news.length === 0) return known;
  for (const secret of news) secrets.set(coordinates(secret), secret);
  return { nodePodsAccessible: false, kubernetesSecrets: [...secrets.values()].sort(byCoordinates) };
}

const coordinates = ({ namespace, name, uid }: PullSecret) => `${namespace}/${name}/${uid}`;

function byCoordinates(a: PullSecret, b: PullSecret): number {
  return coordinates(a) < coordinates(b) ? -1 : 1;
}
