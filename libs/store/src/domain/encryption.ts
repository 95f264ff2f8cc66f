/**
 * What is encrypted before it reaches the bucket, and how: the part of Kubernetes' EncryptionConfiguration that podbus has
 * (https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/). The first provider writes, all of them read.
 */
export interface Encryption {
  readonly rules: readonly EncryptionRule[];
}

export interface EncryptionRule {
  /** ObjectKey.resource: "secrets". */
  readonly resources: readonly string[];
  readonly providers: readonly EncryptionProvider[];
}

export type EncryptionProvider =
  /** AES-GCM with a fresh data key for each value; the first key wraps the data keys. */
  | { readonly kind: "aesgcm"; readonly keys: readonly EncryptionKey[] }
  /** Values as they are. */
  | { readonly kind: "identity" };

export interface EncryptionKey {
  readonly name: string;
  /** 16, 24 or 32 bytes. */
  readonly secret: Uint8Array;
}

export const noEncryption: Encryption = { rules: [] };

export function providersOf({ rules }: Encryption, resource: string): readonly EncryptionProvider[] {
  return rules.find(({ resources }) => resources.includes(resource))?.providers ?? [{ kind: "identity" }];
}

/** The key that seals new values of a resource; undefined where they are written as they are. */
export function sealingKey(encryption: Encryption, resource: string): EncryptionKey | undefined {
  const [first] = providersOf(encryption, resource);
  return first?.kind === "aesgcm" ? first.keys[0] : undefined;
}

export function findKey(encryption: Encryption, resource: string, name: string): EncryptionKey | undefined {
  return providersOf(encryption, resource)
    .flatMap((provider) => (provider.kind === "aesgcm" ? provider.keys : []))
    .find((key) => key.name === name);
}

export function readsPlain(encryption: Encryption, resource: string): boolean {
  return providersOf(encryption, resource).some(({ kind }) => kind === "identity");
}
