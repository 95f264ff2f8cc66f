import {
  type EncodedDocument,
  openApiV2Json,
  openApiV2Protobuf,
  openApiV3Document,
  openApiV3Index,
  statusPathNotFound,
} from "@podbus/kube";
import type { ApiRequest } from "../http/api-request.ts";
import { documentReply, type Reply } from "../http/reply.ts";

/** /openapi/v2, /openapi/v3 and the document of each group version below it. */
export function serveOpenApi(request: ApiRequest): Reply {
  const [, generation, prefix, ...rest] = request.info.path.split("/").filter((part) => part !== "");
  if (generation === "v2" && prefix === undefined) return serveV2(request);
  if (generation !== "v3") throw statusPathNotFound();
  if (prefix === undefined) return documentReply(openApiV3Index());
  const [group, version, ...more] = prefix === "api" ? ["", ...rest] : [...rest];
  if (more.length > 0 || group === undefined || version === undefined) throw statusPathNotFound();
  const document = openApiV3Document(group, version);
  if (!document) throw statusPathNotFound();
  return encodedReply(request, document, "application/json");
}

/** Clients ask for "…v2@v1.0+protobuf", which is no media type that may be answered with. */
const v2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** kubectl of before 1.27 knows version 2 only, newer ones fall back to it; both want gnostic's form. */
function serveV2(request: ApiRequest): Reply {
  const wantsProtobuf = (request.header("accept") ?? "").includes("+protobuf");
  return wantsProtobuf
    ? encodedReply(request, openApiV2Protobuf(), v2Protobuf)
    : encodedReply(request, openApiV2Json(), "application/json");
}

/** 304 when the client has the document already (kube-openapi/pkg/handler, handler3). */
function encodedReply(request: ApiRequest, { body, hash }: EncodedDocument, contentType: string): Reply {
  const etag = `"${hash}"`;
  const known = (request.header("if-none-match") ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  const headers = { etag, vary: "Accept" };
  if (known.includes(etag)) return { kind: "bytes", code: 304, contentType, headers, body: new Uint8Array() };
  return { kind: "bytes", code: 200, contentType, headers, body };
}
