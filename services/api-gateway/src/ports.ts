import type { Tracer } from "@opentelemetry/api";
import type { Client } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { Admission, Eviction, PodLifecycle } from "@podbus/contracts";
import type { ObjectStore } from "@podbus/store";
import type { Logger } from "@podbus/telemetry";
import type { AccessControl } from "./access/access-control.ts";
import type { BearerTokens } from "./access/bearer-tokens.ts";
import type { ServiceAccountTokens } from "./access/service-account-tokens.ts";
import type { ServiceRanges } from "./domain/service-claims.ts";

/** What the handlers need of the world. */
export interface GatewayPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly admission: Pick<Client<typeof Admission>, "review">;
  readonly eviction: Pick<Client<typeof Eviction>, "evict">;
  readonly serviceRanges: ServiceRanges;
  readonly access: Pick<AccessControl, "decide" | "grantsOf" | "rulesOf">;
  /** Absent where there is no key to sign with. */
  readonly tokens?: ServiceAccountTokens;
  readonly bearerTokens: BearerTokens;
  podLifecycle(node: string): Client<typeof PodLifecycle>;
}
