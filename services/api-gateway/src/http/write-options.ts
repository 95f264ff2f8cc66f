import { type Manager, statusInvalid } from "@podbus/kube";
import { managerName, parseWriteOptions, type WriteOptions } from "../domain/write-options.ts";
import type { ResourceCall } from "./api-request.ts";

export function writeOptionsOf(
  query: URLSearchParams,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
  apply = false,
): WriteOptions {
  const parsed = parseWriteOptions(query, apply);
  if (parsed.kind === "invalid") throw statusInvalid({ group: "meta.k8s.io", kind }, "", parsed.errors);
  return parsed.options;
}

/** Who owns what a request changes. */
export function updaterOf({ query, info, header }: Pick<ResourceCall, "query" | "info" | "header">): Manager {
  const name = managerName(query.get("fieldManager") ?? "", header("user-agent"));
  return { name, operation: "Update", subresource: info.subresource };
}
