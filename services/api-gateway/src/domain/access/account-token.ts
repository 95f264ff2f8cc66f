import type { KubeObject } from "@podbus/kube";
import { z } from "zod";
import { type AccountName, accountGroups, accountUserName, authenticated, extraKeys, type User } from "../user.ts";

// pkg/serviceaccount/claims.go

const reference = z.object({ name: z.string(), uid: z.string() });
export type ObjectIdentity = z.infer<typeof reference>;

/** What a service account's token says, below the claims that every JWT has. */
export const accountClaims = z.object({
  sub: z.string(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  exp: z.number(),
  jti: z.string().optional(),
  "kubernetes.io": z.object({
    namespace: z.string(),
    serviceaccount: reference,
    pod: reference.optional(),
    secret: reference.optional(),
    node: z.object({ name: z.string(), uid: z.string().optional() }).optional(),
  }),
});
export type AccountClaims = z.output<typeof accountClaims>;

export interface TokenSubject {
  readonly account: KubeObject;
  readonly pod?: KubeObject;
  readonly secret?: KubeObject;
  /** The node of the pod, or the object that the token is bound to. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** The claims of a new token that are Kubernetes' own. */
export function claimsFor({ account, pod, secret, node }: TokenSubject): object {
  const { namespace = "", name } = account.metadata;
  return {
    sub: accountUserName({ namespace, name }),
    "kubernetes.io": {
      namespace,
      serviceaccount: identityOf(account),
      ...(pod ? { pod: identityOf(pod) } : {}),
      ...(secret ? { secret: identityOf(secret) } : {}),
      ...(node ? { node } : {}),
    },
  };
}

export function identityOf({ metadata }: KubeObject): ObjectIdentity {
  return { name: metadata.name, uid: metadata.uid ?? "" };
}

/** Reads what a token refers to. */
export type ReadObject = (
  resource: "serviceaccounts" | "pods" | "secrets" | "nodes",
  name: AccountName,
) => KubeObject | undefined;

export type TokenVerdict =
  | { readonly kind: "user"; readonly user: User }
  | { readonly kind: "invalid"; readonly problem: string };

/** How long after its deletion an object still counts, for clocks that differ (go-jose jwt.DefaultLeeway). */
export const leewayMs = 60_000;

/** Whether a token whose signature is good still stands: its account and what it is bound to must be the same objects. */
export function judgeClaims(claims: AccountClaims, read: ReadObject, now: number): TokenVerdict {
  const { namespace, serviceaccount, secret, pod, node } = claims["kubernetes.io"];
  const accountName = { namespace, name: serviceaccount.name };
  if (claims.exp * 1000 + leewayMs <= now) return invalid("service account token has expired");
  if (claims.sub !== accountUserName(accountName)) return invalid("Token could not be validated: the subject differs.");
  const account = read("serviceaccounts", accountName);
  if (!account) return invalid(`serviceaccounts ${JSON.stringify(serviceaccount.name)} not found`);
  if (isGone(account, now)) return invalid(`service account ${namespace}/${serviceaccount.name} has been deleted`);
  if (account.metadata.uid !== serviceaccount.uid) {
    return invalid(`service account UID (${account.metadata.uid}) does not match claim (${serviceaccount.uid})`);
  }
  const bound = [
    secret && { resource: "secrets" as const, namespace, reference: secret },
    pod && { resource: "pods" as const, namespace, reference: pod },
    // A token of a pod is not bound to the node that it runs on.
    node && !pod && { resource: "nodes" as const, namespace: "", reference: { ...node, uid: node.uid ?? "" } },
  ].find((each) => each && !isThere(each, read, now));
  if (bound) return invalid("service account token has been invalidated");
  return { kind: "user", user: userOf(claims) };
}

interface Bound {
  readonly resource: "pods" | "secrets" | "nodes";
  readonly namespace: string;
  readonly reference: ObjectIdentity;
}

function isThere({ resource, namespace, reference: { name, uid } }: Bound, read: ReadObject, now: number): boolean {
  const object = read(resource, { namespace, name });
  return object !== undefined && object.metadata.uid === uid && !isGone(object, now);
}

function isGone({ metadata }: KubeObject, now: number): boolean {
  const { deletionTimestamp } = metadata;
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < now - leewayMs;
}

function invalid(problem: string): TokenVerdict {
  return { kind: "invalid", problem };
}

function userOf({ sub, jti, "kubernetes.io": own }: AccountClaims): User {
  const { namespace, serviceaccount, pod, node } = own;
  const extra: Record<string, string[]> = {
    ...(jti === undefined ? {} : { [extraKeys.credentialId]: [`JTI=${jti}`] }),
    ...(node ? { [extraKeys.nodeName]: [node.name] } : {}),
    ...(node?.uid ? { [extraKeys.nodeUid]: [node.uid] } : {}),
    ...(pod ? { [extraKeys.podName]: [pod.name], [extraKeys.podUid]: [pod.uid] } : {}),
  };
  const groups = accountGroups(namespace);
  return authenticated({ name: sub, uid: serviceaccount.uid, groups, extra });
}
