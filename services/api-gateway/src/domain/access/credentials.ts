/** The bearer token of a request: in its header, or in a WebSocket's subprotocols, where a browser has to put it. */
export function bearerToken(authorization: string | undefined, subprotocols: string | undefined): string | undefined {
  const [scheme = "", token = ""] = (authorization ?? "").trim().split(/\s+/);
  if (scheme.toLowerCase() === "bearer" && token !== "") return token;
  const prefix = "base64url.bearer.authorization.k8s.io.";
  const carried = (subprotocols ?? "").split(",").find((name) => name.trim().startsWith(prefix));
  return carried && Buffer.from(carried.trim().slice(prefix.length), "base64url").toString();
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
  const extra: Record<string, string[]> = {};
  for (const [name, value] of valuesOf(rawHeaders, (each) => each.startsWith(extraPrefix))) {
    const key = decodeURIComponent(name.slice(extraPrefix.length));
    extra[key] = [...(extra[key] ?? []), value];
  }
  if (user !== "") return { user, uid, groups, extra };
  return uid !== "" || groups.length > 0 || Object.keys(extra).length > 0 ? "incomplete" : undefined;
}

function valuesOf(rawHeaders: readonly string[], wanted: (name: string) => boolean): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (wanted(name)) found.push([name, rawHeaders[at + 1] ?? ""]);
  }
  return found;
}
