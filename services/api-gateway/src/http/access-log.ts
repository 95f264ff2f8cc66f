import type { Logger } from "@podbus/telemetry";
import type { ApiRequest } from "./api-request.ts";

export interface Access {
  readonly request: ApiRequest;
  readonly code: number;
  readonly ms: number;
  readonly traceId: string | undefined;
}

/** One line per request: who did what and how it went; never a body or a query, which may hold secrets. */
export function logAccess(log: Logger, { request, code, ms, traceId }: Access): void {
  const { info, user } = request;
  const line = {
    user: user?.name ?? "system:anonymous",
    verb: info.verb,
    path: info.path,
    code,
    ms: Math.round(ms * 10) / 10,
    ...(traceId ? { traceId } : {}),
  };
  // Health is asked for all the time.
  if (info.kind === "other") log.debug(line, "access");
  else log.info(line, "access");
}
