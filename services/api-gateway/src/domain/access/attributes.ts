import type { RequestInfo } from "../request-info.ts";

/** What somebody wants to do, as an authorizer sees it (apiserver/pkg/authorization/authorizer/interfaces.go Attributes). */
export type AccessAttributes =
  | {
      readonly kind: "resource";
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      /** "" for the object itself. */
      readonly subresource: string;
      /** "" for all of them, and for what lives in none. */
      readonly namespace: string;
      /** "" for all of them. */
      readonly name: string;
    }
  | { readonly kind: "path"; readonly verb: string; readonly path: string };

export type ResourceAccess = Extract<AccessAttributes, { kind: "resource" }>;

/** Whoever opens a stream into a pod acts on it, whatever the method of the request. */
const streams = new Set(["attach", "exec", "portforward", "proxy"]);

export function attributesOf(info: RequestInfo): AccessAttributes {
  if (info.kind === "other") return { kind: "path", verb: info.verb, path: info.path };
  const { verb, group, resource, subresource, namespace, name } = info;
  return {
    kind: "resource",
    ...{ verb: streams.has(subresource) ? "create" : verb, group, resource, subresource },
    // A namespace is named, and for an authorizer it is also what it is in.
    namespace: resource === "namespaces" && group === "" ? name : namespace,
    name,
  };
}

/** Kubernetes' text: apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
export function forbiddenMessage(user: string, attributes: AccessAttributes, reason = ""): string {
  const message = whatIsForbidden(user, attributes);
  return reason === "" ? message : `${message}: ${reason}`;
}

function whatIsForbidden(user: string, attributes: AccessAttributes): string {
  const who = `User ${JSON.stringify(user)} cannot`;
  if (attributes.kind === "path") return `${who} ${attributes.verb} path ${JSON.stringify(attributes.path)}`;
  const { verb, group, resource, subresource, namespace } = attributes;
  const target = subresource === "" ? resource : `${resource}/${subresource}`;
  const what = `${who} ${verb} resource ${JSON.stringify(target)} in API group ${JSON.stringify(group)}`;
  return namespace === "" ? `${what} at the cluster scope` : `${what} in the namespace ${JSON.stringify(namespace)}`;
}
