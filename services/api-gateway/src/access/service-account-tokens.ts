import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import type { Clock } from "@podbus/clock";
import type { KubeObject } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import { calculateJwkThumbprint, errors, exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import {
  type AccountClaims,
  accountClaims,
  claimsFor,
  judgeClaims,
  leewayMs,
  type TokenSubject,
} from "../domain/access/account-token.ts";
import type { User } from "../domain/user.ts";

export interface TokenTerms {
  /** Empty: the API server itself. */
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
}

export type VerifiedToken =
  | { readonly ok: true; readonly user: User; readonly audiences: readonly string[] }
  | { readonly ok: false; readonly problem: string };

interface Key {
  readonly id: string;
  readonly algorithm: "RS256" | "ES256";
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

export interface TokenOptions {
  readonly keysPem: string;
  readonly issuer: string;
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** Tokens whose signature was good are remembered: checking one costs more than all else in a small request. */
const mostRemembered = 4096;

/** Tokens by which service accounts show who they are: signed here, and good for as long as what they name exists. */
export class ServiceAccountTokens {
  readonly issuer: string;
  readonly #signing: Key & { readonly privateKey: KeyObject };
  readonly #keys: readonly Key[];
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  /** By digest of the token. */
  readonly #signed = new Map<string, AccountClaims>();

  private constructor(options: TokenOptions, signing: Key & { readonly privateKey: KeyObject }, keys: readonly Key[]) {
    this.issuer = options.issuer;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#signing = signing;
    this.#keys = keys;
  }

  /** `keysPem`: private keys, PEM. The first one signs; all of them verify, so that a new one can be put in front. */
  static async open(options: TokenOptions): Promise<ServiceAccountTokens> {
    const blocks = options.keysPem.match(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g) ?? [];
    const keys = await Promise.all(blocks.map(readKey));
    const [signing] = keys;
    if (!signing) throw new Error("no private key in the file of service account keys");
    return new ServiceAccountTokens(options, signing, keys);
  }

  async sign(subject: TokenSubject, { audiences, lifetimeSeconds }: TokenTerms) {
    const now = Math.floor(this.#clock.now() / 1000);
    const expires = now + lifetimeSeconds;
    const { id, algorithm, privateKey } = this.#signing;
    const token = await new SignJWT({ ...claimsFor(subject) })
      .setProtectedHeader({ alg: algorithm, kid: id })
      .setIssuer(this.issuer)
      .setAudience(audiences.length > 0 ? [...audiences] : [this.issuer])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(expires)
      .setJti(randomUUID())
      .sign(privateKey);
    return { token, expiresMs: expires * 1000 };
  }

  /** `audiences`: the token must be for one of them; empty for the API server. */
  async verify(token: string, audiences: readonly string[] = []): Promise<VerifiedToken> {
    const claims = await this.#claimsOf(token);
    if ("problem" in claims) return { ok: false, problem: claims.problem };
    const accepted = audiences.length > 0 ? audiences : [this.issuer];
    const common = claims.aud.filter((audience) => accepted.includes(audience));
    if (common.length === 0) {
      const problem = `token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(accepted)}`;
      return { ok: false, problem };
    }
    const read = (resource: string, name: { readonly namespace: string; readonly name: string }) =>
      this.#store.cache.get<KubeObject>({ resource, ...name })?.value;
    const verdict = judgeClaims(claims, read, this.#clock.now());
    return verdict.kind === "user"
      ? { ok: true, user: verdict.user, audiences: common }
      : { ok: false, problem: verdict.problem };
  }

  jwks(): { readonly keys: readonly JWK[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  async #claimsOf(token: string): Promise<AccountClaims | { readonly problem: string }> {
    const digest = createHash("sha256").update(token).digest("base64");
    const known = this.#signed.get(digest);
    if (known) return known;
    try {
      const claims = accountClaims.safeParse(await this.#payloadOf(token));
      if (!claims.success) return { problem: "not the token of a service account" };
      this.#remember(digest, claims.data);
      return claims.data;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { problem: "service account token has expired" };
      // The library's messages say which check failed, and quote nothing of the token.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return { problem: error.message };
      throw error;
    }
  }

  #remember(digest: string, claims: AccountClaims): void {
    const [oldest] = this.#signed.keys();
    if (this.#signed.size >= mostRemembered && oldest !== undefined) this.#signed.delete(oldest);
    this.#signed.set(digest, claims);
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    const keyOf = ({ kid }: { kid?: string | undefined }) => {
      const key = this.#keys.find(({ id }) => id === kid);
      if (!key) throw new errors.JWKSNoMatchingKey("signed with a key that is not known");
      return key.publicKey;
    };
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: this.issuer,
      algorithms: ["RS256", "ES256"],
      clockTolerance: leewayMs / 1000,
      currentDate: new Date(this.#clock.now()),
    });
    return payload;
  }
}

async function readKey(pem: string): Promise<Key & { readonly privateKey: KeyObject }> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(privateKey);
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, algorithm, privateKey, publicKey, jwk: { use: "sig", kid: id, alg: algorithm, ...jwk } };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): Key["algorithm"] {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (type === "rsa" && modulusLength >= 2048) return "RS256";
  if (type === "ec" && namedCurve === "prime256v1") return "ES256";
  throw new Error("a key of service accounts must be RSA of at least 2048 bits, or EC on P-256");
}
