import type { Client } from "@podbus/bus";
import type { NodeApi } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { podRefOf } from "../domain/pod-ref.ts";
import type { KnownService } from "../domain/service-env.ts";
import { isStaticPod } from "../domain/static-pod.ts";

/** The API is near; who cannot reach it by then uses what it said last. */
const timeoutMs = 2_000;

/** The Services of pods' namespaces as of now, or as the API said last while it cannot be reached. */
export class KnownServices {
  readonly #api: Pick<Client<typeof NodeApi>, "listPodServices">;
  readonly #byNamespace = new Map<string, readonly KnownService[]>();

  constructor(api: Pick<Client<typeof NodeApi>, "listPodServices">) {
    this.#api = api;
  }

  /** Undefined: nobody has said anything yet. A static pod does not wait for that (kubelet: makeEnvironmentVariables). */
  async of(pod: Pod, signal: AbortSignal): Promise<readonly KnownService[] | undefined> {
    const { namespace = "" } = pod.metadata;
    try {
      const { services } = await this.#api.listPodServices({ pod: podRefOf(pod) }, { timeoutMs, signal });
      this.#byNamespace.set(namespace, services);
      return services;
    } catch (thrown) {
      const { code } = toPodbusError(thrown);
      if (signal.aborted || !(code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED")) throw thrown;
      return this.#byNamespace.get(namespace) ?? (isStaticPod(pod) ? [] : undefined);
    }
  }
}
