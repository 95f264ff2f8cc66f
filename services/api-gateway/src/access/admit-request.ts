import { StatusError, statusBadRequest, statusForbidden, statusUnauthorized } from "@podbus/kube";
import { type AccessAttributes, attributesOf, forbiddenMessage } from "../domain/access/attributes.ts";
import type { AccessDecision } from "../domain/access/authorize.ts";
import { type Impersonation, parseImpersonation } from "../domain/access/credentials.ts";
import { accountGroups, accountOf, anonymous, impersonated, type User } from "../domain/user.ts";
import type { ApiRequest, ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";
import type { AccessControl } from "./access-control.ts";
import type { Identity } from "./authenticator.ts";

export interface Admission {
  /** Who the request counts as: the impersonated user, if there is one. */
  readonly user: User;
  readonly decision: AccessDecision;
}

/** Readable by anyone, as Kubernetes' system:public-info-viewer and the health endpoints. */
const publicPaths = ["/healthz", "/livez", "/readyz", "/version"];

/** Lets a request in as somebody, or throws 401 or 403 in Kubernetes' words. */
export function admitRequest(call: ApiRequest, identity: Identity, access: AccessControl): Admission {
  const open = call.info.kind === "other" && isBelow(call.info.path, publicPaths);
  if (identity.kind !== "user") {
    // Whoever shows a credential that is no good is not nobody.
    if (open && identity.kind === "anonymous")
      return { user: anonymous, decision: { allowed: true, reason: "public" } };
    throw statusUnauthorized();
  }
  const user = actingUser(call, identity.user, access);
  const wanted = attributesOf(call.info, call.query);
  const decision = open ? { allowed: true, reason: "public" } : access.decide(user, wanted);
  if (!decision.allowed) throw forbidden(user, wanted, decision.reason);
  return { user, decision };
}

/** What a handler finds out that its request does beyond its own verb: an apply may create. Throws 403. */
export function checkMay({ access }: Pick<GatewayPorts, "access">, call: ResourceCall, verb: string): void {
  const { user = anonymous, info } = call;
  const wanted = { ...attributesOf(info, call.query), verb };
  const { allowed, reason } = access.decide(user, wanted);
  if (!allowed) throw forbidden(user, wanted, reason);
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

function actingUser(call: ApiRequest, user: User, access: AccessControl): User {
  const wish = parseImpersonation(call.raw.rawHeaders);
  if (wish === undefined) return user;
  if (wish === "incomplete") {
    throw statusBadRequest("requested impersonation of groups, uid or extra without impersonating a user");
  }
  for (const wanted of impersonations(wish)) {
    const { allowed, reason } = access.decide(user, wanted);
    if (!allowed) throw forbidden(user, wanted, reason);
  }
  const { user: name, uid, extra } = wish;
  const account = accountOf(name);
  // A service account is in its groups without saying so, but for who says other ones.
  const groups = wish.groups.length === 0 && account ? accountGroups(account.namespace) : wish.groups;
  return impersonated({ name, groups, ...(uid === "" ? {} : { uid }), extra });
}

/** Each part of an identity has to be allowed by itself. */
function impersonations({ user, uid, groups, extra }: Impersonation): AccessAttributes[] {
  const of = (
    group: string,
    resource: string,
    name: string,
    more: { namespace?: string; subresource?: string } = {},
  ) => ({
    kind: "resource" as const,
    verb: "impersonate",
    ...{ group, resource, name, namespace: more.namespace ?? "", subresource: more.subresource ?? "" },
  });
  const account = accountOf(user);
  const authentication = "authentication.k8s.io";
  return [
    account ? of("", "serviceaccounts", account.name, { namespace: account.namespace }) : of("", "users", user),
    ...(uid === "" ? [] : [of(authentication, "uids", uid)]),
    ...groups.map((group) => of("", "groups", group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => of(authentication, "userextras", value, { subresource: key })),
    ),
  ];
}

function forbidden(user: User, wanted: AccessAttributes, reason: string): StatusError {
  const message = forbiddenMessage(user.name, wanted, reason);
  if (wanted.kind === "path") {
    return new StatusError({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `forbidden: ${message}`,
      reason: "Forbidden",
      details: {},
      code: 403,
    });
  }
  return statusForbidden({ group: wanted.group, plural: wanted.resource }, wanted.name, message);
}
