import { createHash } from "node:crypto";
import { authenticated, type User } from "../domain/user.ts";
import type { ServiceAccountTokens, VerifiedToken } from "./service-account-tokens.ts";

const unknown: VerifiedToken = { ok: false, problem: "invalid bearer token" };

/** Whose a token is: first the tokens of the file, then those of service accounts. */
export class BearerTokens {
  /** By digest: a comparison of digests tells nothing about the tokens. */
  readonly #static: ReadonlyMap<string, User>;
  readonly #accounts: ServiceAccountTokens | undefined;

  constructor(staticTokens: ReadonlyMap<string, User>, accounts: ServiceAccountTokens | undefined) {
    this.#static = new Map([...staticTokens].map(([token, user]) => [digest(token), authenticated(user)]));
    this.#accounts = accounts;
  }

  /** `audiences`: the token must be for one of them; empty for the API server. */
  async verify(token: string, audiences: readonly string[] = []): Promise<VerifiedToken> {
    const user = this.#static.get(digest(token));
    if (!user) return (await this.#accounts?.verify(token, audiences)) ?? unknown;
    // A token of the file is for the API server and for nobody else (authenticator.WrapAudienceAgnostic).
    const own = this.#accounts ? [this.#accounts.issuer] : [];
    const common = audiences.length === 0 ? own : audiences.filter((audience) => own.includes(audience));
    return audiences.length > 0 && common.length === 0 ? unknown : { ok: true, user, audiences: common };
  }
}

const digest = (token: string) => createHash("sha256").update(token).digest("base64");
