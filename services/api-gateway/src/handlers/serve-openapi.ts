import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { kubernetesVersion, openApiV3Document, openApiV3Index, statusPathNotFound } from "@podbus/kube";
import type { ApiRequest } from "../http/api-request.ts";
import { documentReply, type Reply } from "../http/reply.ts";

/** /openapi/v3, the document of each group version below it, and an empty /openapi/v2. */
export function serveOpenApi(request: ApiRequest): Reply {
  const [, generation, prefix, ...rest] = request.info.path.split("/").filter((part) => part !== "");
  if (generation === "v2" && prefix === undefined) return serveV2(request);
  if (generation !== "v3") throw statusPathNotFound();
  if (prefix === undefined) return documentReply(openApiV3Index());
  const [group, version, ...more] = prefix === "api" ? ["", ...rest] : [...rest];
  if (more.length > 0 || group === undefined || version === undefined) throw statusPathNotFound();
  const document = openApiV3Document(group, version);
  if (typeof document !== "object" || document === null) throw statusPathNotFound();
  return documentReply(document);
}

/** Clients ask for "…v2@v1.0+protobuf", which is no media type that may be answered with. */
const v2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * kubectl falls back to version 2 for kinds that version 3 does not describe, and a document without them lets it
 * say that there is no such kind. It wants gnostic's protobuf form (openapiv2.Document: swagger 1, info 2, paths 8).
 */
function serveV2(request: ApiRequest): Reply {
  const info = { title: "Kubernetes", version: kubernetesVersion.gitVersion };
  if (!(request.header("accept") ?? "").includes("+protobuf")) {
    return documentReply({ swagger: "2.0", info, paths: {}, definitions: {} });
  }
  const text = (writer: BinaryWriter, number: number, value: string) =>
    writer.tag(number, WireType.LengthDelimited).string(value);
  const encodedInfo = text(text(new BinaryWriter(), 1, info.title), 2, info.version).finish();
  const document = text(new BinaryWriter(), 1, "2.0");
  document.tag(2, WireType.LengthDelimited).bytes(encodedInfo);
  document.tag(8, WireType.LengthDelimited).bytes(new Uint8Array());
  return { kind: "bytes", code: 200, contentType: v2Protobuf, body: document.finish() };
}
