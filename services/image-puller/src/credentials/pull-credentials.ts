import type { PodRef } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import { lookUpCredentials } from "../domain/credentials/keyring.ts";
import type { CredentialProvider, RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { ImageReference } from "../domain/image-reference.ts";
import type { PodSecrets } from "../ports.ts";

export interface PullCredentialsOptions {
  readonly secrets: PodSecrets;
  /** For every pod of the node, in the order in which they are asked. */
  readonly providers: readonly CredentialProvider[];
  readonly log: Logger;
}

export interface SecretCredentials {
  readonly credentials: readonly RegistryCredential[];
  readonly missing: readonly string[];
}

export interface NodeCredentials {
  readonly credentials: readonly RegistryCredential[];
  /** What went wrong, by source; without secrets. */
  readonly failures: readonly string[];
}

/** What may be tried for an image: the pod's Secrets first, then what the node has (UnionDockerKeyring). */
export class PullCredentials {
  readonly #options: PullCredentialsOptions;

  constructor(options: PullCredentialsOptions) {
    this.#options = options;
  }

  async ofPod(
    { pod, names }: { readonly pod: PodRef; readonly names: readonly string[] },
    reference: ImageReference,
    signal: AbortSignal,
  ): Promise<SecretCredentials> {
    if (names.length === 0) return { credentials: [], missing: [] };
    const { entries, missing } = await this.#options.secrets.read(pod, names, signal);
    return { credentials: lookUpCredentials(entries, repositoryOf(reference)), missing };
  }

  /** A provider that fails is passed over: it must not hold up images that need it not. Throws the signal's reason. */
  async ofNode(reference: ImageReference, signal: AbortSignal): Promise<NodeCredentials> {
    const { providers, log } = this.#options;
    const failures: string[] = [];
    const asked = providers.map((provider) =>
      provider.credentialsFor(repositoryOf(reference)).catch((thrown: unknown) => {
        const err = toPodbusError(thrown);
        log.warn({ err }, "a source of credentials failed");
        failures.push(err.message);
        return [];
      }),
    );
    const found = await unlessAborted(Promise.all(asked), signal);
    return { credentials: found.flat(), failures };
  }
}

/** What was asked goes on: others may wait for it, and its answer is kept. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const repositoryOf = ({ domain, path }: ImageReference) => `${domain}/${path}`;
