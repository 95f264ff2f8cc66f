import type { Client } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { NodeApi } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import { podRefOf } from "../domain/pod-ref.ts";
import { type MadeToken, refreshAtMs } from "../domain/token-refresh.ts";

export interface PodTokensOptions {
  readonly api: Pick<Client<typeof NodeApi>, "createPodToken">;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TokenTerms {
  readonly audience?: string | undefined;
  readonly expirationSeconds?: number | undefined;
}

interface Kept extends MadeToken {
  readonly token: string;
}

/** Tokens of pods, in memory only; one is made anew when most of its life is over. */
export class PodTokens {
  readonly #options: PodTokensOptions;
  /** By pod uid, then by terms. */
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(options: PodTokensOptions) {
    this.#options = options;
  }

  /** While the API cannot be asked, one that has not expired serves on. */
  async token(pod: Pod, terms: TokenTerms, signal: AbortSignal): Promise<string> {
    const { api, clock, log } = this.#options;
    const { audience = "", expirationSeconds = 3600 } = terms;
    const ofPod = this.#tokensOf(pod);
    const key = `${expirationSeconds} ${audience}`;
    const kept = ofPod.get(key);
    const nowMs = clock.monotonic();
    const wallMs = clock.now();
    if (kept && nowMs < refreshAtMs(kept)) return kept.token;
    try {
      const request = { pod: podRefOf(pod), audience, expirationSeconds: BigInt(expirationSeconds) };
      const { token, expiresAtMs } = await api.createPodToken(request, { signal });
      ofPod.set(key, { token, madeAtMs: nowMs, expiresAtMs: nowMs + Number(expiresAtMs) - wallMs });
      return token;
    } catch (thrown) {
      if (!kept || nowMs >= kept.expiresAtMs) throw thrown;
      log.warn({ err: toPodbusError(thrown), pod: podRefOf(pod) }, "cannot renew a token; the old one serves on");
      return kept.token;
    }
  }

  forget(uid: string): void {
    this.#kept.delete(uid);
  }

  #tokensOf({ metadata: { uid = "" } }: Pod): Map<string, Kept> {
    const known = this.#kept.get(uid) ?? new Map<string, Kept>();
    this.#kept.set(uid, known);
    return known;
  }
}
