import { parseFieldSelector } from "@podbus/kube";
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
      /** What a list is limited to: "spec.nodeName" must be "n1". */
      readonly fields?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "path"; readonly verb: string; readonly path: string };

export type ResourceAccess = Extract<AccessAttributes, { kind: "resource" }>;

/** Whoever opens a stream to something acts on it, whatever the method of the request. */
const streams: ReadonlySet<string> = new Set([
  "pods/attach",
  "pods/exec",
  "pods/portforward",
  "pods/proxy",
  "services/proxy",
  "nodes/proxy",
]);

export function attributesOf(info: RequestInfo, query: URLSearchParams): AccessAttributes {
  if (info.kind === "other") return { kind: "path", verb: info.verb, path: info.path };
  const { verb, group, resource, subresource, namespace, name } = info;
  const fields = name === "" && (verb === "list" || verb === "watch") ? fieldsIn(query.get("fieldSelector")) : {};
  return {
    kind: "resource",
    verb: group === "" && streams.has(`${resource}/${subresource}`) ? "create" : verb,
    ...{ group, resource, subresource },
    // A namespace is named, and for an authorizer it is also what it is in.
    namespace: resource === "namespaces" && group === "" ? name : namespace,
    // A list of one name is about that object (apiserver/pkg/endpoints/request/requestinfo.go).
    name: name || (fields["metadata.name"] ?? ""),
    fields,
  };
}

/** What a selector says that a field must be. One that cannot be read says nothing here; the handler refuses it. */
export function fieldsIn(selector: string | null): Readonly<Record<string, string>> {
  if (!selector) return {};
  try {
    const exact = parseFieldSelector(selector).requirements.filter(({ operator }) => operator === "=");
    return Object.fromEntries(exact.map(({ field, value }) => [field, value]));
  } catch {
    return {};
  }
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
