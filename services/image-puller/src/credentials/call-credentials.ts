import type { PodRef } from "@podbus/contracts";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { ImageReference } from "../domain/image-reference.ts";
import type { PullEvents } from "../ports.ts";
import type { PullCredentials } from "./pull-credentials.ts";

export interface CallCredentialsOptions {
  readonly credentials: PullCredentials;
  readonly events: PullEvents;
  readonly pod: PodRef;
  /** Names of the pod's Secrets. */
  readonly secrets: readonly string[];
}

/** What one call may pull its image with. Secrets are read once, and only when they are asked for. */
export class CallCredentials {
  readonly #options: CallCredentialsOptions;
  #ofPod: readonly RegistryCredential[] | undefined;
  #failures: readonly string[] = [];

  constructor(options: CallCredentialsOptions) {
    this.#options = options;
  }

  /** The pod's own. Secrets that cannot be had are an event. */
  async ofPod(reference: ImageReference, signal: AbortSignal): Promise<readonly RegistryCredential[]> {
    if (this.#ofPod) return this.#ofPod;
    const { credentials: source, events, pod, secrets: names } = this.#options;
    const { credentials, missing } = await source.ofPod({ pod, names }, reference, signal);
    if (missing.length > 0) {
      // kubelet: getPullSecretsForPod and its event (pkg/kubelet/kubelet_pods.go).
      const list = missing.join(", ");
      const message = `Unable to retrieve some image pull secrets (${list}); attempting to pull the image may not succeed.`;
      events.record({ pod, type: "Warning", reason: "FailedToRetrieveImagePullSecret", message });
    }
    this.#ofPod = credentials;
    return credentials;
  }

  /** And those of the node. */
  async all(reference: ImageReference, signal: AbortSignal): Promise<readonly RegistryCredential[]> {
    const [own, shared] = await Promise.all([
      this.ofPod(reference, signal),
      this.#options.credentials.ofNode(reference, signal),
    ]);
    this.#failures = shared.failures;
    return [...own, ...shared.credentials];
  }

  /** Sources of the node that could not be asked: if the pull fails, that may be why. */
  get failures(): readonly string[] {
    return this.#failures;
  }
}
