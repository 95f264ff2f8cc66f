/**
 * Registries redirect to storage with addresses that are passes themselves: whoever knows the query may read. The runtime
 * names them in its failures, and those end in events and statuses. containerd 2 does the same by itself
 * (internal/cri/util/sanitize.go).
 */
export function redactQueries(text: string): string {
  return text.replaceAll(/(\bhttps?:\/\/[^\s"?]*)\?([^\s"]*?)(?=["\s]|: |$)/g, (_, address: string, query: string) => {
    return `${address}?${query.replaceAll(/=[^&]*/g, "=[REDACTED]")}`;
  });
}
