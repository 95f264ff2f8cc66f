/** Who asks, as Kubernetes' user.Info (apiserver/pkg/authentication/user/user.go). */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Tells this user from earlier ones of the same name; "" if unknown. */
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const authenticatedGroup = "system:authenticated";
const unauthenticatedGroup = "system:unauthenticated";
const accountsGroup = "system:serviceaccounts";

/** Keys of `extra`: apiserver/pkg/authentication/serviceaccount/util.go, user.go. */
export const extraKeys = {
  credentialId: "authentication.kubernetes.io/credential-id",
  podName: "authentication.kubernetes.io/pod-name",
  podUid: "authentication.kubernetes.io/pod-uid",
  nodeName: "authentication.kubernetes.io/node-name",
  nodeUid: "authentication.kubernetes.io/node-uid",
} as const;

/** With the group that everybody is in who has shown who it is. */
export function authenticated(user: User): User {
  return user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}

export const anonymous: User = { name: "system:anonymous", groups: [unauthenticatedGroup] };

/** With the group that everybody of that name is in, but for who is said to be in the other one. */
export function impersonated(user: User): User {
  if (user.groups.includes(unauthenticatedGroup)) return user;
  if (user.name !== anonymous.name) return authenticated(user);
  return { ...user, groups: [...user.groups, unauthenticatedGroup] };
}

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

const accountPrefix = "system:serviceaccount:";

export function accountUserName({ namespace, name }: AccountName): string {
  return `${accountPrefix}${namespace}:${name}`;
}

export function accountGroups(namespace: string): string[] {
  return [accountsGroup, `${accountsGroup}:${namespace}`];
}

/** The service account that a user name stands for; undefined for anyone else. */
export function accountOf(userName: string): AccountName | undefined {
  if (!userName.startsWith(accountPrefix)) return undefined;
  const [namespace = "", name = "", ...more] = userName.slice(accountPrefix.length).split(":");
  return namespace === "" || name === "" || more.length > 0 ? undefined : { namespace, name };
}

const nodePrefix = "system:node:";
const nodesGroup = "system:nodes";

/** Whether a user is a node, and which (pkg/auth/nodeidentifier/default.go). */
export function nodeOf({ name, groups }: User): string | undefined {
  return name.startsWith(nodePrefix) && groups.includes(nodesGroup) ? name.slice(nodePrefix.length) : undefined;
}
