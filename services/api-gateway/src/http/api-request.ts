import type { ResourceDefinition } from "@podbus/kube";
import type { RequestInfo, ResourceRequest } from "../domain/request-info.ts";
import type { User } from "../domain/user.ts";
import type { HttpRequest } from "./read-body.ts";

/** A request as handlers see it: authenticated, authorized and parsed, whatever HTTP version carried it. */
export interface ApiRequest {
  readonly info: RequestInfo;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly user: User | undefined;
  /** Aborted when the client has gone or the gateway stops. */
  readonly signal: AbortSignal;
  header(name: string): string | undefined;
  body(): Promise<Buffer>;
  /** For what is passed on as it comes; whoever reads it here must not ask for the body as well. */
  readonly raw: HttpRequest;
}

/** A request for objects of a kind that is served. */
export interface ResourceCall extends ApiRequest {
  readonly info: ResourceRequest;
  readonly resource: ResourceDefinition;
}
