import type { Clock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import type { Admission } from "../access/admit-request.ts";
import type { RequestInfo } from "../domain/request-info.ts";
import type { User } from "../domain/user.ts";
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
  /** Known only as long as the connection is open. */
  readonly #source: string | undefined;
  #admission: Admission | undefined;

  constructor(call: ApiRequest, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
    this.#beganMs = clock.monotonic();
    this.#source = call.raw.socket.remoteAddress;
  }

  decided(admission: Admission): void {
    this.#admission = admission;
  }

  /** `log`: the one whose name is "audit". */
  write(log: Logger, { code, traceId }: Outcome): void {
    const { info } = this.#call;
    const line = {
      ...partiesOf(this.#admission),
      verb: info.verb,
      ...objectOf(info),
      source: this.#source,
      ...verdictOf(this.#admission),
      code,
      ms: Math.round((this.#clock.monotonic() - this.#beganMs) * 10) / 10,
      ...(traceId ? { traceId } : {}),
    };
    // Health and documents are asked for all the time.
    if (info.kind === "other" && this.#admission?.kind === "admitted") log.debug(line, "request");
    else log.info(line, "request");
  }
}

/** `user` is who asked; `impersonatedUser` as whom it counts, where that is somebody else. */
function partiesOf(admission: Admission | undefined): object {
  const { user, impersonator } = admission ?? {};
  if (!user) return {};
  return impersonator ? { user: whoOf(impersonator), impersonatedUser: whoOf(user) } : { user: whoOf(user) };
}

function whoOf({ name, uid, groups, extra }: User): object {
  const more = extra && Object.keys(extra).length > 0 ? { extra } : {};
  return { name, ...(uid ? { uid } : {}), groups, ...more };
}

function objectOf(info: RequestInfo): object {
  if (info.kind === "other") return { path: info.path };
  const { group, resource, subresource, namespace, name } = info;
  const given = Object.entries({ group, resource, subresource, namespace, name }).filter(([, value]) => value !== "");
  return { object: Object.fromEntries(given) };
}

/** Nothing where the client left before it was decided. */
function verdictOf(admission: Admission | undefined): object {
  if (!admission) return {};
  const decision = admission.kind === "admitted" ? "allow" : "forbid";
  return { decision, ...(admission.reason === "" ? {} : { reason: admission.reason }) };
}
