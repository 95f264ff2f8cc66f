import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { carriesToken } from "./access/credentials.ts";

/** RFC 9110, 7.6.1: these concern one connection only. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What is said to the gateway is not said to whoever is behind it. */
const forTheGateway = /^(authorization$|impersonate-|:)/;

export interface Forwarding {
  /** The host that the client has asked for. */
  readonly host: string;
  /** The path up to and including "/proxy". */
  readonly prefix: string;
  readonly path: string;
}

/** The headers of a request that is passed on (apimachinery/pkg/util/proxy). An upgrade is one with both its headers. */
export function requestHeaders(given: IncomingHttpHeaders, { host, prefix, path }: Forwarding): OutgoingHttpHeaders {
  const passed = Object.entries(given).filter(([name]) => !hopByHop.has(name) && !forTheGateway.test(name));
  const upgrade = given.upgrade === undefined ? {} : { connection: "Upgrade", upgrade: given.upgrade };
  const protocols = given["sec-websocket-protocol"]?.split(",").filter((name) => !carriesToken(name));
  return {
    ...Object.fromEntries(passed),
    ...upgrade,
    ...(protocols ? { "sec-websocket-protocol": protocols.map((name) => name.trim()).join(", ") } : {}),
    "x-forwarded-host": host,
    "x-forwarded-proto": "https",
    "x-forwarded-uri": `${prefix}${path}`,
  };
}

/** The headers of an answer. A redirect within what is behind leads back through the gateway. */
export function responseHeaders(given: IncomingHttpHeaders, prefix: string): OutgoingHttpHeaders {
  const passed = Object.entries(given).filter(([name]) => !hopByHop.has(name));
  const { location } = given;
  const headers = Object.fromEntries(passed);
  if (location?.startsWith("/")) return { ...headers, location: `${prefix}${location}` };
  return headers;
}
