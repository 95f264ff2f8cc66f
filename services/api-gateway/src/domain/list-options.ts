import { statusBadRequest } from "@podbus/kube";
import { isTrue } from "./request-info.ts";

/** metav1.ListOptions as they come in a query. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** "" if unset. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** How many at most; 0 for all. */
  readonly limit: number;
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
    limit: Math.max(0, parseInteger(query.get("limit"))),
    continue: query.get("continue") ?? "",
    timeoutSeconds: parseInteger(query.get("timeoutSeconds")) || undefined,
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query.get("sendInitialEvents")) : undefined,
  };
}

/** Absent is 0; throws 400 in Go's words for what is no number (apimachinery/pkg/runtime/conversion.go). */
function parseInteger(text: string | null): number {
  if (text === null || text === "") return 0;
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw statusBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
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
  if (options.continue !== "" && match !== "") {
    return invalid("resourceVersionMatch", match, "resourceVersionMatch is forbidden when continue is provided");
  }
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
  // An older way to ask for a page of an exact list.
  const pageOfExact = match === "" && options.limit > 0 && revision > 0;
  if (match === "Exact" || pageOfExact) return { kind: "exact", revision };
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
