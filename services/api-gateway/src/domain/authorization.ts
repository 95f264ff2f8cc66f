import type { RequestInfo } from "./request-info.ts";

/** Who asks, as Kubernetes' user.Info: from the certificate's CN and O. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export type Authorization = "allowed" | "unauthenticated" | "forbidden";

/** Readable by anyone, as Kubernetes' system:public-info-viewer and the health endpoints. */
const publicPaths: readonly string[] = ["/healthz", "/livez", "/readyz", "/version"];

/** Readable by every authenticated user, as Kubernetes' system:discovery. */
const discoveryPaths: readonly string[] = ["/", "/api", "/apis", "/openapi"];

/** system:masters may do everything; nobody else may read or write objects (there is no RBAC yet). */
export function decideAuthorization(user: User | undefined, info: RequestInfo): Authorization {
  if (info.kind === "other" && isBelow(info.path, publicPaths)) return "allowed";
  if (!user) return "unauthenticated";
  if (user.groups.includes("system:masters")) return "allowed";
  if (info.kind === "other" && info.verb === "get" && isBelow(info.path, discoveryPaths)) return "allowed";
  return "forbidden";
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || (root !== "/" && path.startsWith(`${root}/`)));
}

/** Kubernetes' text: apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
export function forbiddenMessage(user: User, info: RequestInfo): string {
  const who = `User ${JSON.stringify(user.name)} cannot`;
  if (info.kind === "other") return `${who} ${info.verb} path ${JSON.stringify(info.path)}`;
  const resource = info.subresource === "" ? info.resource : `${info.resource}/${info.subresource}`;
  const what = `${who} ${info.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)}`;
  return info.namespace === ""
    ? `${what} at the cluster scope`
    : `${what} in the namespace ${JSON.stringify(info.namespace)}`;
}
