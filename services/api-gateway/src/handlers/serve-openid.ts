import { statusPathNotFound } from "@podbus/kube";
import type { ApiRequest } from "../http/api-request.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import type { GatewayPorts } from "../ports.ts";

export const openIdPaths: ReadonlySet<string> = new Set(["/.well-known/openid-configuration", "/openid/v1/jwks"]);

/** How others check tokens of service accounts: OpenID Connect Discovery 1.0, and the keys. */
export function serveOpenId({ tokens }: GatewayPorts, { info }: ApiRequest): Reply {
  if (!tokens) throw statusPathNotFound();
  if (info.path === "/openid/v1/jwks") {
    return { ...documentReply(tokens.jwks()), contentType: "application/jwk-set+json", headers: cached };
  }
  const document = {
    issuer: tokens.issuer,
    jwks_uri: `${tokens.issuer.replace(/\/$/, "")}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...new Set(tokens.jwks().keys.map(({ alg }) => alg))],
  };
  return { ...documentReply(document), headers: cached };
}

/** pkg/routes/openidmetadata.go */
const cached = { "cache-control": "public, max-age=3600" };
