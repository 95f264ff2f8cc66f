import type { Clock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import type { Identity } from "../access/authenticator.ts";
import type { AccessDecision } from "../domain/access/authorize.ts";
import { anonymous, type User } from "../domain/user.ts";
import type { ApiRequest } from "./api-request.ts";

export interface Outcome {
  readonly code: number;
  readonly traceId: string | undefined;
}

/** One line per request: who did what to which object, who let him, and how it went; never a body, a query or a token. */
export class AuditRecord {
  readonly #call: ApiRequest;
  readonly #clock: Clock;
  readonly #beganMs: number;
  #user: User = anonymous;
  #impersonated: User | undefined;
  #decision: AccessDecision | undefined;

  constructor(call: ApiRequest, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
    this.#beganMs = clock.monotonic();
  }

  identified(identity: Identity): void {
    if (identity.kind === "user") this.#user = identity.user;
  }

  admitted(user: User, decision: AccessDecision): void {
    if (user.name !== this.#user.name) this.#impersonated = user;
    this.#decision = decision;
  }

  write(log: Logger, { code, traceId }: Outcome): void {
    const { info, raw } = this.#call;
    const line = {
      audit: true,
      user: this.#user.name,
      ...(this.#impersonated ? { impersonatedUser: this.#impersonated.name } : {}),
      verb: info.verb,
      ...objectOf(this.#call),
      path: info.path,
      source: raw.socket.remoteAddress,
      decision: this.#decision ? "allow" : "forbid",
      ...(this.#decision?.reason ? { reason: this.#decision.reason } : {}),
      code,
      ms: Math.round((this.#clock.monotonic() - this.#beganMs) * 10) / 10,
      ...(traceId ? { traceId } : {}),
    };
    // Health and documents are asked for all the time.
    if (info.kind === "other" && this.#decision) log.debug(line, "request");
    else log.info(line, "request");
  }
}

function objectOf({ info }: ApiRequest) {
  if (info.kind === "other") return {};
  const { group, resource, subresource, namespace, name } = info;
  const given = Object.entries({ group, resource, subresource, namespace, name }).filter(([, value]) => value !== "");
  return Object.fromEntries(given);
}
