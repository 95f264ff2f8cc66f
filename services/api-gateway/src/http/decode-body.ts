import {
  decodeObject,
  decodeProtobuf,
  type FieldValidation,
  type KubeObject,
  parseDocument,
  protobufMediaType,
  type ResourceDefinition,
  statusUnsupportedMediaType,
} from "@podbus/kube";
import type { ApiRequest, ResourceCall } from "./api-request.ts";

const accepted = ["application/json", "application/yaml", protobufMediaType];

export interface DecodedBody {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** The object in a request's body; throws Kubernetes' Status for whatever is wrong with it. */
export async function decodeBody(call: ResourceCall, fieldValidation: FieldValidation): Promise<DecodedBody> {
  return decodeObject(call.resource, await parseBody(call, call.resource.schema), fieldValidation);
}

/** The body, an object of this schema, as plain data. No content type means JSON, as in Kubernetes. */
export async function parseBody(request: ApiRequest, schema: ResourceDefinition["schema"]): Promise<unknown> {
  const contentType = mediaTypeOf(request.header("content-type")) || "application/json";
  if (contentType === protobufMediaType) return decodeProtobuf(await request.body(), schema);
  if (!accepted.includes(contentType)) throw statusUnsupportedMediaType(accepted);
  return parseDocument(await request.body(), contentType);
}

export function mediaTypeOf(header: string | undefined): string {
  return (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
