import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The host that the client thinks it speaks to. */
  readonly host: string;
  /** Whose credentials it sent, in the header or as a form: "user ada", "token t-1"; "" for none. */
  readonly authorization: string;
}

export async function seenRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const { method = "", url = "", headers } = incoming;
  const authorization = authorizationOf(headers.authorization ?? "") || (await userOfForm(incoming));
  return { method, path: url.replace(/\?.*/, ""), host: headers.host ?? "", authorization };
}

/** How a token service is asked by OAuth2: https://distribution.github.io/distribution/spec/auth/oauth/ */
async function userOfForm(incoming: IncomingMessage): Promise<string> {
  if (incoming.method !== "POST") return "";
  const user = new URLSearchParams(await text(incoming)).get("username");
  return user === null ? "" : `user ${user}`;
}

function authorizationOf(header: string): string {
  const [scheme = "", value = ""] = header.split(" ");
  if (scheme === "Basic") return `user ${Buffer.from(value, "base64").toString().replace(/:.*/s, "")}`;
  return scheme === "Bearer" ? `token ${value}` : header;
}
