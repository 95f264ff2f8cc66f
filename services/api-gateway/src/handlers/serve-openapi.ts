import {
  type EncodedDocument,
  openApiV2Json,
  openApiV2Protobuf,
  openApiV3Document,
  openApiV3Index,
  statusPathNotFound,
} from "@podbus/kube";
import type { ApiRequest } from "../http/api-request.ts";
import { type BytesReply, documentReply, type Reply } from "../http/reply.ts";

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
  return serveV3(request, document);
}

/**
 * The index links a document with its hash: what such a link leads to never changes, and a link of yesterday's leads
 * to today's (kube-openapi/pkg/handler3/handler.go HandleGroupVersion).
 */
function serveV3(request: ApiRequest, document: EncodedDocument): Reply {
  const hash = request.query.get("hash") ?? "";
  if (hash !== "" && hash !== document.hash) {
    const headers = { location: `${request.info.path}?hash=${document.hash}` };
    return { kind: "bytes", code: 301, contentType: "text/plain; charset=utf-8", headers, body: new Uint8Array() };
  }
  return encodedReply(request, document, {
    contentType: "application/json",
    headers: hash === "" ? {} : { "cache-control": "public, immutable" },
  });
}

/** Clients ask for "…v2@v1.0+protobuf", which is no media type that may be answered with. */
const v2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** kubectl of before 1.27 knows version 2 only, newer ones fall back to it; both want gnostic's form. */
function serveV2(request: ApiRequest): Reply {
  const wantsProtobuf = (request.header("accept") ?? "").includes("+protobuf");
  return wantsProtobuf
    ? encodedReply(request, openApiV2Protobuf(), { contentType: v2Protobuf })
    : encodedReply(request, openApiV2Json(), { contentType: "application/json" });
}

/** 304 when the client has the document already. */
function encodedReply(
  request: ApiRequest,
  { body, hash }: EncodedDocument,
  { contentType, headers }: Pick<BytesReply, "contentType" | "headers">,
): Reply {
  const etag = `"${hash}"`;
  const known = (request.header("if-none-match") ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  const reply = { kind: "bytes", contentType, headers: { ...headers, etag, vary: "Accept, Accept-Encoding" } } as const;
  return known.includes(etag) ? { ...reply, code: 304, body: new Uint8Array() } : { ...reply, code: 200, body };
}
