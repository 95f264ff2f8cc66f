import { createHash } from "node:crypto";
import { bearerToken } from "../domain/access/credentials.ts";
import { authenticated, type User } from "../domain/user.ts";
import { ClientIdentities } from "../http/client-identity.ts";
import type { HttpRequest } from "../http/read-body.ts";
import type { ServiceAccountTokens } from "./service-account-tokens.ts";

/** `untrusted`: something was shown, and it is no good. */
export type Identity = { readonly kind: "user"; readonly user: User } | { readonly kind: "anonymous" | "untrusted" };

const untrusted: Identity = { kind: "untrusted" };

/** Finds out who asks: by client certificate, by static token, by token of a service account; the first that knows decides. */
export class Authenticator {
  readonly #certificates = new ClientIdentities();
  /** By digest: a comparison of digests tells nothing about the tokens. */
  readonly #static: ReadonlyMap<string, User>;
  readonly #accounts: ServiceAccountTokens | undefined;

  constructor(staticTokens: ReadonlyMap<string, User>, accounts: ServiceAccountTokens | undefined) {
    this.#static = new Map([...staticTokens].map(([token, user]) => [digest(token), user]));
    this.#accounts = accounts;
  }

  async of(request: HttpRequest): Promise<Identity> {
    const certificate = this.#certificates.of(request);
    if (certificate.kind === "user") return certificate;
    const { authorization, "sec-websocket-protocol": subprotocols } = request.headers;
    const token = bearerToken(authorization, subprotocols);
    if (token === undefined) return authorization === undefined ? certificate : untrusted;
    const known = this.#static.get(digest(token));
    if (known) return { kind: "user", user: authenticated(known) };
    const verified = await this.#accounts?.verify(token);
    return verified?.ok ? { kind: "user", user: authenticated(verified.user) } : untrusted;
  }
}

const digest = (token: string) => createHash("sha256").update(token).digest("base64");
