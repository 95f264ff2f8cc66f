import { isTrue } from "./request-info.ts";

/** metav1.ListOptions as they come in a query. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** "" if unset. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  /** undefined if unset. */
  readonly sendInitialEvents: boolean | undefined;
}

export function parseListOptions(query: URLSearchParams): ListOptions {
  return {
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    continue: query.get("continue") ?? "",
    timeoutSeconds: parseSeconds(query.get("timeoutSeconds")),
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query.get("sendInitialEvents")) : undefined,
  };
}

/** 0 and nonsense mean "not given", as in Kubernetes. */
function parseSeconds(text: string | null): number | undefined {
  const seconds = Number(text ?? "");
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}

export type RevisionWanted =
  /** The newest state there is. */
  | { readonly kind: "latest" }
  /** Whatever is at hand. */
  | { readonly kind: "any" }
  | { readonly kind: "not-older-than"; readonly revision: number }
  | { readonly kind: "exact"; readonly revision: number }
  | { readonly kind: "invalid"; readonly field: string; readonly value: string; readonly message: string };

/**
 * What state a get or a list must be served from.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions and
 * apimachinery/pkg/apis/meta/internalversion/validation/validation.go
 */
export function decideListRevision(options: ListOptions): RevisionWanted {
  const { resourceVersion: version, resourceVersionMatch: match } = options;
  const invalid = (field: string, value: string, message: string) =>
    ({ kind: "invalid", field, value, message }) as const;
  if (match !== "" && version === "") {
    return invalid(
      "resourceVersionMatch",
      match,
      "resourceVersionMatch is forbidden unless resourceVersion is provided",
    );
  }
  if (match !== "" && match !== "Exact" && match !== "NotOlderThan") {
    return invalid("resourceVersionMatch", match, 'supported values: "Exact", "NotOlderThan", ""');
  }
  if (version === "") return { kind: "latest" };
  const revision = parseRevision(version);
  if (revision === undefined) return invalid("resourceVersion", version, "must be an unsigned integer");
  if (match === "Exact" && revision === 0) {
    return invalid("resourceVersionMatch", match, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (match === "Exact") return { kind: "exact", revision };
  return revision === 0 ? { kind: "any" } : { kind: "not-older-than", revision };
}

/** Where a watch begins. */
export type WatchStart =
  /** With the present objects as ADDED events, of at least that state. */
  | { readonly kind: "initial"; readonly revision: RevisionWanted; readonly endBookmark: boolean }
  | { readonly kind: "after"; readonly revision: number }
  | { readonly kind: "invalid"; readonly field: string; readonly value: string; readonly message: string };

export function decideWatchStart(options: ListOptions): WatchStart {
  const { resourceVersion: version, resourceVersionMatch: match, sendInitialEvents } = options;
  const invalid = (field: string, value: string, message: string) =>
    ({ kind: "invalid", field, value, message }) as const;
  const revision = version === "" ? 0 : parseRevision(version);
  if (revision === undefined) return invalid("resourceVersion", version, "must be an unsigned integer");
  if (sendInitialEvents === undefined) {
    if (match !== "") {
      return invalid(
        "resourceVersionMatch",
        match,
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      );
    }
    if (revision > 0) return { kind: "after", revision };
    return { kind: "initial", revision: { kind: version === "" ? "latest" : "any" }, endBookmark: false };
  }
  if (match !== "NotOlderThan") {
    return invalid(
      "resourceVersionMatch",
      match,
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    );
  }
  if (!sendInitialEvents && revision > 0) return { kind: "after", revision };
  const wanted: RevisionWanted =
    version === "" ? { kind: "latest" } : revision === 0 ? { kind: "any" } : { kind: "not-older-than", revision };
  if (!sendInitialEvents) return { kind: "initial", revision: wanted, endBookmark: false };
  return { kind: "initial", revision: wanted, endBookmark: options.allowWatchBookmarks };
}

export function parseRevision(text: string): number | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  return Number(text);
}
