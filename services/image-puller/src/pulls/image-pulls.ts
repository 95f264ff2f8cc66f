import type { Clock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import { credentialsKey, type ImageAccess } from "../access/image-access.ts";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { ImageRuntime, WantedImage } from "../ports.ts";
import type { DownloadWatch } from "./download-watch.ts";
import { pullWithAny } from "./pull-with-any.ts";
import type { SharedPull, SharedPulls } from "./shared-pulls.ts";

export interface ImagePullsOptions {
  readonly images: ImageRuntime;
  readonly pulls: SharedPulls;
  readonly downloads: DownloadWatch;
  readonly access: ImageAccess;
  readonly clock: Clock;
  readonly log: Logger;
  /** The longest a pull may take, with all its tries. */
  readonly timeoutMs: number;
}

/** Pulls of images: watched while they run, and recorded when they are done. */
export class ImagePulls {
  readonly #options: ImagePullsOptions;

  constructor(options: ImagePullsOptions) {
    this.#options = options;
  }

  /**
   * Starts a pull for a pod ("namespace/name"), or joins the one that is under way with the same credentials: what one pod
   * may have does not show what another may.
   */
  start(wanted: WantedImage, available: readonly RegistryCredential[], pod: string): SharedPull {
    const { pulls, downloads, log } = this.#options;
    const { reference, image, runtimeHandler } = wanted;
    const line = { step: "pull", image, pod };
    const name = `${reference.canonical} ${runtimeHandler} ${credentialsKey(available)}`;
    return pulls.pull(name, async (signal, listener) => {
      const stopWatching = downloads.watch(reference, listener);
      log.info({ ...line, phase: "begin" }, "pulling an image");
      try {
        const imageId = await this.#recorded(wanted, available, signal);
        log.info({ ...line, phase: "end", imageId }, "pulled an image");
        return imageId;
      } catch (error) {
        log.info({ ...line, phase: "end", err: error }, "failed to pull an image");
        throw error;
      } finally {
        stopWatching();
      }
    });
  }

  #recorded(wanted: WantedImage, available: readonly RegistryCredential[], signal: AbortSignal): Promise<string> {
    const { access, images, clock, timeoutMs: allowedMs } = this.#options;
    let untilMs: number | undefined;
    const pull = (credential: RegistryCredential | undefined) => {
      untilMs ??= clock.monotonic() + allowedMs;
      // Whole milliseconds: a pull that takes too long says how much it had.
      const timeoutMs = Math.max(1, Math.round(untilMs - clock.monotonic()));
      return images.pull(wanted, { timeoutMs, signal, credential });
    };
    return access.recordPull(wanted.reference, () => pullWithAny(available, pull, signal));
  }
}
