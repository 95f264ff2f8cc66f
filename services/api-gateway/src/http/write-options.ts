import { statusInvalid } from "@podbus/kube";
import { parseWriteOptions, type WriteOptions } from "../domain/write-options.ts";

export function writeOptionsOf(
  query: URLSearchParams,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
): WriteOptions {
  const parsed = parseWriteOptions(query);
  if (parsed.kind === "invalid") throw statusInvalid({ group: "meta.k8s.io", kind }, "", parsed.errors);
  return parsed.options;
}
