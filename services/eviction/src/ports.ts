import type { Client } from "@podbus/bus";
import type { PodApi } from "@podbus/contracts";
import type { Pod } from "@podbus/kube";

/** The pod as it is now, not as it was a moment ago. */
export interface PodReader {
  read(namespace: string, name: string, signal: AbortSignal): Promise<Pod | undefined>;
}

/** The api-gateway, the only writer of deletion timestamps. */
export type PodDeleter = Pick<Client<typeof PodApi>, "deletePod">;
