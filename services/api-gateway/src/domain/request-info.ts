/** What a path and a method ask for, as Kubernetes names it (apiserver/pkg/endpoints/request/requestinfo.go). */
export type RequestInfo = ResourceRequest | { readonly kind: "other"; readonly verb: string; readonly path: string };

export interface ResourceRequest {
  readonly kind: "resource";
  readonly verb: ResourceVerb;
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  /** "" for cluster-scoped objects and for requests across all namespaces. */
  readonly namespace: string;
  /** Plural, as in the path. */
  readonly resource: string;
  /** "" unless the path names one. */
  readonly subresource: string;
  /** "" for a collection. */
  readonly name: string;
  readonly path: string;
}

export type ResourceVerb =
  | "create"
  | "get"
  | "list"
  | "watch"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  | "unsupported";

/** Below /namespaces/NAME these are subresources of the namespace; anything else is a namespaced resource. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const { parts, broken } = pathParts(path);
  const other = { kind: "other", verb: method.toLowerCase(), path } as const;
  const prefix = parts[0];
  const grouped = prefix === "apis";
  const rest = parts.slice(grouped ? 3 : 2);
  if ((prefix !== "api" && !grouped) || rest.length === 0) return other;

  const deprecatedWatch = rest[0] === "watch" && rest.length > 1;
  const target = resourceTarget(deprecatedWatch ? rest.slice(1) : rest);
  // They name nothing; what a proxied path goes on with may be anything.
  if (Object.values(target).some((name) => broken.has(name))) return other;
  return {
    kind: "resource",
    verb: deprecatedWatch ? "watch" : verbOf(method, target.name, query),
    group: grouped ? (parts[1] ?? "") : "",
    version: (grouped ? parts[2] : parts[1]) ?? "",
    ...target,
    path,
  };
}

function resourceTarget(parts: readonly string[]) {
  const inNamespace = parts[0] === "namespaces" && parts.length > 2 && !namespaceSubresources.has(parts[2] ?? "");
  const [resource = "", name = "", subresource = ""] = inNamespace ? parts.slice(2) : parts;
  return { namespace: inNamespace ? (parts[1] ?? "") : "", resource, name, subresource };
}

function verbOf(method: string, name: string, query: URLSearchParams): ResourceVerb {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    case "GET":
    case "HEAD":
      if (name !== "") return "get";
      return isTrue(query.get("watch")) ? "watch" : "list";
    default:
      return "unsupported";
  }
}

/** Any value but "false" and "0" is true (apimachinery/pkg/runtime/conversion.go). */
export function isTrue(value: string | null): boolean {
  return value !== null && value.toLowerCase() !== "false" && value !== "0";
}

/** `broken`: parts that are no percent-encoded UTF-8, as they came. */
function pathParts(path: string): { readonly parts: readonly string[]; readonly broken: ReadonlySet<string> } {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  const broken = new Set<string>();
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      broken.add(part);
      return part;
    }
  };
  return { parts: trimmed === "" ? [] : trimmed.split("/").map(decode), broken };
}
