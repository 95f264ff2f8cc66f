import { type KubeObject, statusBadRequest, statusNotAcceptable } from "@podbus/kube";
import type { ListPage } from "../domain/list-page.ts";
import { negotiateMediaType } from "../domain/negotiate-media-type.ts";
import { type Presentation, presentList, presentObject } from "../domain/present-object.ts";
import type { ResourceCall } from "./api-request.ts";
import type { DocumentReply } from "./reply.ts";

/** Decided before anything is done, so that nothing is written for an answer that cannot be given. */
export function presentationOf(call: ResourceCall, now: number): Presentation {
  const negotiated = negotiateMediaType(call.header("accept"), ["Table", "PartialObjectMetadata"]);
  if (!negotiated) throw statusNotAcceptable(["application/json", "application/yaml"]);
  return { resource: call.resource, negotiated, includeObject: includeObjectOf(call.query), now };
}

function includeObjectOf(query: URLSearchParams): Presentation["includeObject"] {
  const wanted = query.get("includeObject") ?? "";
  if (wanted === "") return "Metadata";
  if (wanted === "None" || wanted === "Metadata" || wanted === "Object") return wanted;
  throw statusBadRequest(`unrecognized includeObject value: "${wanted}"`);
}

export interface Extras {
  readonly code?: number;
  readonly warnings?: readonly string[];
}

export function objectReply(object: KubeObject, presentation: Presentation, extras: Extras = {}): DocumentReply {
  return {
    kind: "document",
    code: extras.code ?? 200,
    document: presentObject(object, presentation),
    format: presentation.negotiated.format,
    ...(extras.warnings ? { warnings: extras.warnings } : {}),
  };
}

export function listReply(page: ListPage, presentation: Presentation): DocumentReply {
  return {
    kind: "document",
    code: 200,
    document: presentList(page, presentation),
    format: presentation.negotiated.format,
  };
}
