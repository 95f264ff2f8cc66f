import { bearerToken } from "../domain/access/credentials.ts";
import type { User } from "../domain/user.ts";
import { ClientIdentities } from "../http/client-identity.ts";
import type { HttpRequest } from "../http/read-body.ts";
import type { BearerTokens } from "./bearer-tokens.ts";

/** `untrusted`: something was shown, and it is no good. */
export type Identity = { readonly kind: "user"; readonly user: User } | { readonly kind: "anonymous" | "untrusted" };

const untrusted: Identity = { kind: "untrusted" };

/** Finds out who asks: by client certificate, by static token, by token of a service account; the first that knows decides. */
export class Authenticator {
  readonly #certificates = new ClientIdentities();
  readonly #tokens: BearerTokens;

  constructor(tokens: BearerTokens) {
    this.#tokens = tokens;
  }

  async of(request: HttpRequest): Promise<Identity> {
    const certificate = this.#certificates.of(request);
    if (certificate.kind === "user") return certificate;
    const carried = bearerToken(request.headers);
    if (carried.kind === "none") return certificate;
    if (carried.kind === "malformed") return untrusted;
    const verified = await this.#tokens.verify(carried.token);
    return verified.ok ? { kind: "user", user: verified.user } : untrusted;
  }
}
