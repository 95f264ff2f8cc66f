/**
 * Replaces `$(NAME)` by its value; an unknown name stays as written, `$$` is one `$` (so `$$(NAME)` is literal).
 * Kubernetes: third_party/forked/golang/expansion.
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole: string, what: string, name: string) => {
    if (what === "$") return "$";
    return values.get(name) ?? whole;
  });
}
