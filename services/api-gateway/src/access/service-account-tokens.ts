import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import type { Clock } from "@podbus/clock";
import type { KubeObject } from "@podbus/kube";
import type { ObjectStore } from "@podbus/store";
import { calculateJwkThumbprint, exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { serviceAccountUser } from "../domain/access/rbac.ts";
import type { User } from "../domain/user.ts";

/** An object by what a token remembers of it. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The claim "kubernetes.io" of a token (pkg/serviceaccount/claims.go). */
interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
}

export type BoundKind = "pod" | "secret" | "node";

export interface TokenSubject {
  readonly namespace: string;
  readonly account: BoundObject;
  readonly bound?: { readonly kind: BoundKind } & BoundObject;
}

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

/** Tokens by which service accounts show who they are: signed here, and good for as long as what they name exists. */
export class ServiceAccountTokens {
  readonly issuer: string;
  readonly #signing: Key & { readonly privateKey: KeyObject };
  readonly #keys: readonly Key[];
  readonly #store: ObjectStore;
  readonly #clock: Clock;

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

  async sign({ namespace, account, bound }: TokenSubject, terms: TokenTerms) {
    const now = Math.floor(this.#clock.now() / 1000);
    const claim: KubernetesClaim = {
      namespace,
      serviceaccount: { name: account.name, uid: account.uid },
      ...(bound ? { [bound.kind]: { name: bound.name, uid: bound.uid } } : {}),
    };
    const expires = now + terms.lifetimeSeconds;
    const { id, algorithm, privateKey } = this.#signing;
    const token = await new SignJWT({ "kubernetes.io": claim })
      .setProtectedHeader({ alg: algorithm, kid: id })
      .setIssuer(this.issuer)
      .setSubject(serviceAccountUser(namespace, account.name))
      .setAudience(terms.audiences.length > 0 ? [...terms.audiences] : [this.issuer])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(expires)
      .setJti(randomUUID())
      .sign(privateKey);
    return { token, expiresMs: expires * 1000 };
  }

  /** `audiences`: the token must be for one of them; empty for the API server. */
  async verify(token: string, audiences: readonly string[] = []): Promise<VerifiedToken> {
    const accepted = audiences.length > 0 ? [...audiences] : [this.issuer];
    let payload: JWTPayload;
    try {
      payload = await this.#payloadOf(token, accepted);
    } catch (error) {
      // The library's messages say which check failed, and quote nothing of the token.
      return { ok: false, problem: (error as Error).message };
    }
    const claim = payload["kubernetes.io"] as KubernetesClaim | undefined;
    if (!claim?.serviceaccount) return { ok: false, problem: "not the token of a service account" };
    const problem = this.#gone(claim);
    if (problem) return { ok: false, problem };
    const audience = typeof payload.aud === "string" ? [payload.aud] : (payload.aud ?? []);
    return {
      ok: true,
      user: userOf(claim, payload.jti),
      audiences: audience.filter((each) => accepted.includes(each)),
    };
  }

  jwks(): { readonly keys: readonly JWK[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  async #payloadOf(token: string, audience: string[]): Promise<JWTPayload> {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = this.#keys.find(({ id }) => id === kid);
        if (!key) throw new Error("signed with a key that is not known");
        return key.publicKey;
      },
      { issuer: this.issuer, audience, algorithms: ["RS256", "ES256"], currentDate: new Date(this.#clock.now()) },
    );
    return payload;
  }

  /** Whatever a token names must still be the same (pkg/serviceaccount/claims.go Validate). */
  #gone({ namespace, serviceaccount, pod, secret, node }: KubernetesClaim): string | undefined {
    const named = [
      ["serviceaccounts", namespace, serviceaccount],
      ["pods", namespace, pod],
      ["secrets", namespace, secret],
      ["nodes", "", node],
    ] as const;
    for (const [resource, scope, bound] of named) {
      if (!bound) continue;
      const stored = this.#store.cache.get<KubeObject>({ resource, namespace: scope, name: bound.name });
      if (stored?.value.metadata.uid !== bound.uid) return `${resource} "${bound.name}" of the token is gone`;
    }
    return undefined;
  }
}

export interface TokenOptions {
  readonly keysPem: string;
  readonly issuer: string;
  readonly store: ObjectStore;
  readonly clock: Clock;
}

async function readKey(pem: string): Promise<Key & { readonly privateKey: KeyObject }> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const algorithm = privateKey.asymmetricKeyType === "ec" ? "ES256" : "RS256";
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, algorithm, privateKey, publicKey, jwk: { use: "sig", kid: id, alg: algorithm, ...jwk } };
}

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaim, id: string | undefined): User {
  const extra = {
    ...(id ? { "authentication.kubernetes.io/credential-id": [`JTI=${id}`] } : {}),
    ...(pod
      ? { "authentication.kubernetes.io/pod-name": [pod.name], "authentication.kubernetes.io/pod-uid": [pod.uid] }
      : {}),
    ...(node ? { "authentication.kubernetes.io/node-name": [node.name] } : {}),
  };
  return {
    name: serviceAccountUser(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    extra,
  };
}
