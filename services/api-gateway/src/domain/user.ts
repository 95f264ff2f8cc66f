/** Who asks, as Kubernetes' user.Info (apiserver/pkg/authentication/user/user.go). */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Tells this user from earlier ones of the same name; "" if unknown. */
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const authenticatedGroup = "system:authenticated";

/** With the group that everybody is in who has shown who it is. */
export function authenticated(user: User): User {
  return user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}

export const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
