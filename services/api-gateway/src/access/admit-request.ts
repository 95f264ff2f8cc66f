import { StatusError, statusBadRequest, statusForbidden, statusUnauthorized } from "@podbus/kube";
import { type AccessAttributes, attributesOf, forbiddenMessage } from "../domain/access/attributes.ts";
import { type Impersonation, parseImpersonation } from "../domain/access/credentials.ts";
import { accountGroups, accountOf, anonymous, impersonated, type User } from "../domain/user.ts";
import type { ApiRequest, ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";
import type { AccessControl } from "./access-control.ts";
import type { Identity } from "./authenticator.ts";

/** Whether a request may go on, and all that is to be said of it afterwards. */
export type Admission = Admitted | Refused;

interface Admitted {
  readonly kind: "admitted";
  /** Who the request counts as: the impersonated user, if there is one. */
  readonly user: User;
  /** Who really asked, where that is somebody else. */
  readonly impersonator?: User;
  /** Empty when nobody has said anything. */
  readonly reason: string;
}

interface Refused {
  readonly kind: "refused";
  readonly user?: User;
  readonly impersonator?: User;
  readonly reason: string;
  /** 401, 403 or 400 in Kubernetes' words. */
  readonly status: StatusError;
}

/** Readable by anyone, as Kubernetes' system:public-info-viewer and the health endpoints. */
const publicPaths = ["/healthz", "/livez", "/readyz", "/version"];

/** Who asks, as whom, and may he? */
export function admitRequest(call: ApiRequest, identity: Identity, access: AccessControl): Admission {
  const open = call.info.kind === "other" && isBelow(call.info.path, publicPaths);
  if (identity.kind !== "user") {
    // Whoever shows a credential that is no good is not nobody.
    if (open && identity.kind === "anonymous") return { kind: "admitted", user: anonymous, reason: "public" };
    const reason = identity.kind === "untrusted" ? "the credential is no good" : "no credential";
    return { kind: "refused", reason, status: statusUnauthorized() };
  }
  const acting = actAs(call, identity.user, access);
  if (acting.kind === "refused") return acting;
  const wanted = attributesOf(call.info, call.query);
  const { allowed, reason } = open ? { allowed: true, reason: "public" } : access.decide(acting.user, wanted);
  if (allowed) return { ...acting, reason };
  return { ...acting, kind: "refused", reason, status: forbidden(acting.user, wanted, reason) };
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

function actAs(call: ApiRequest, user: User, access: AccessControl): Admission {
  const wish = parseImpersonation(call.raw.rawHeaders);
  if (wish === undefined) return { kind: "admitted", user, reason: "" };
  if (wish === "incomplete") {
    const reason = "requested impersonation of groups, uid or extra without impersonating a user";
    return { kind: "refused", user, reason, status: statusBadRequest(reason) };
  }
  for (const wanted of impersonations(wish)) {
    const { allowed, reason } = access.decide(user, wanted);
    if (allowed) continue;
    const status = forbidden(user, wanted, reason);
    return { kind: "refused", user, reason: reason || "impersonation is not allowed", status };
  }
  return { kind: "admitted", user: impersonatedBy(wish), impersonator: user, reason: "" };
}

function impersonatedBy({ user: name, uid, groups, extra }: Impersonation): User {
  const account = accountOf(name);
  // A service account is in its groups without saying so, but for who says other ones.
  const own = groups.length === 0 && account ? accountGroups(account.namespace) : groups;
  return impersonated({ name, groups: own, ...(uid === "" ? {} : { uid }), extra });
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
