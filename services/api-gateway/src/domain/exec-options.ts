import { isTrue } from "./request-info.ts";

/** v1 PodExecOptions or PodAttachOptions as they come in a query. */
export interface ExecOptions {
  readonly container: string;
  /** Empty for an attach. */
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export type ParsedExecOptions =
  | { readonly kind: "options"; readonly options: ExecOptions }
  | { readonly kind: "refuse"; readonly message: string };

/** A terminal has one output: stderr joins stdout (core/validation, kubelet/server/remotecommand). */
export function parseExecOptions(query: URLSearchParams, subresource: "exec" | "attach"): ParsedExecOptions {
  const command = subresource === "exec" ? query.getAll("command") : [];
  const tty = isTrue(query.get("tty"));
  const options = {
    container: query.get("container") ?? "",
    command,
    stdin: isTrue(query.get("stdin")),
    stdout: isTrue(query.get("stdout")),
    stderr: isTrue(query.get("stderr")) && !tty,
    tty,
  };
  if (subresource === "exec" && command.length === 0)
    return { kind: "refuse", message: "you must specify at least 1 command for the exec" };
  if (!options.stdin && !options.stdout && !options.stderr) {
    return { kind: "refuse", message: "you must specify at least 1 of stdin, stdout, stderr" };
  }
  return { kind: "options", options };
}
