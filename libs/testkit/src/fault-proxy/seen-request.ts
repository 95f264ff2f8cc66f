import type { IncomingMessage } from "node:http";

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The host that the client thinks it speaks to. */
  readonly host: string;
  /** Whose credentials it sent: "user ada", "token t-1"; "" for none. */
  readonly authorization: string;
}

export function seenRequest({ method = "", url = "", headers }: IncomingMessage): SeenRequest {
  return {
    method,
    path: url.replace(/\?.*/, ""),
    host: headers.host ?? "",
    authorization: authorizationOf(headers.authorization ?? ""),
  };
}

function authorizationOf(header: string): string {
  const [scheme = "", value = ""] = header.split(" ");
  if (scheme === "Basic") return `user ${Buffer.from(value, "base64").toString().replace(/:.*/s, "")}`;
  return scheme === "Bearer" ? `token ${value}` : header;
}
