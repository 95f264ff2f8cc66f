import type { IncomingHttpHeaders } from "node:http";

export type CarriedToken =
  | { readonly kind: "none" }
  | { readonly kind: "malformed" }
  | { readonly kind: "token"; readonly token: string };

const subprotocolPrefix = "base64url.bearer.authorization.k8s.io.";

/** Whether a WebSocket's subprotocol is no protocol but a credential, which nobody else is to see. */
export const carriesToken = (subprotocol: string) => subprotocol.trim().startsWith(subprotocolPrefix);

/** The bearer token of a request: in its header, or in a WebSocket's subprotocols, where a browser has to put it. */
export function bearerToken(headers: IncomingHttpHeaders): CarriedToken {
  const [scheme = "", token = ""] = (headers.authorization ?? "").trim().split(/\s+/);
  if (scheme.toLowerCase() === "bearer" && token !== "") return { kind: "token", token };
  if (headers.upgrade?.toLowerCase() !== "websocket") return { kind: "none" };
  return tokenInSubprotocols((headers["sec-websocket-protocol"] ?? "").split(","));
}

/** One token, and beside it a protocol that is really meant (apiserver/pkg/authentication/request/websocket/protocol.go). */
function tokenInSubprotocols(offered: readonly string[]): CarriedToken {
  const [carrier, ...more] = offered.filter(carriesToken);
  if (carrier === undefined) return { kind: "none" };
  const encoded = carrier.trim().slice(subprotocolPrefix.length);
  const meant = offered.some((name) => name.trim() !== "" && !carriesToken(name));
  if (more.length > 0 || !meant || !/^[A-Za-z0-9_-]+$/.test(encoded)) return { kind: "malformed" };
  return { kind: "token", token: Buffer.from(encoded, "base64url").toString() };
}

/** Whom a request wants to be instead (apiserver/pkg/endpoints/filters/impersonation.go). */
export interface Impersonation {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const extraPrefix = "impersonate-extra-";

export function parseImpersonation(rawHeaders: readonly string[]): Impersonation | "incomplete" | undefined {
  const named = (wanted: string) => valuesOf(rawHeaders, (name) => name === wanted).map(([, value]) => value);
  const [user = ""] = named("impersonate-user");
  const [uid = ""] = named("impersonate-uid");
  const groups = named("impersonate-group");
  const extra = new Map<string, string[]>();
  for (const [name, value] of valuesOf(rawHeaders, (each) => each.startsWith(extraPrefix))) {
    const key = decodeKey(name.slice(extraPrefix.length));
    extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  if (user !== "") return { user, uid, groups, extra: Object.fromEntries(extra) };
  return uid !== "" || groups.length > 0 || extra.size > 0 ? "incomplete" : undefined;
}

/** Keys are percent-encoded, because not every text can be a header's name. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function valuesOf(rawHeaders: readonly string[], wanted: (name: string) => boolean): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (wanted(name)) found.push([name, rawHeaders[at + 1] ?? ""]);
  }
  return found;
}
