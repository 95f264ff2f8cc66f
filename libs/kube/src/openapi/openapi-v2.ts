import { kubernetesVersion } from "../constants.ts";
import { encodeGnostic } from "./gnostic.ts";
import { type EncodedDocument, encodedDocument, groupVersions, makeOpenApiV3 } from "./openapi-v3.ts";
import type { OpenApiSchema } from "./schemas.ts";

// GET /openapi/v2: all group versions in one document, for clients of before Kubernetes 1.27. Version 3's documents
// say it all; here they are put into version 2's words.

type Json = Readonly<Record<string, unknown>>;

let asJson: EncodedDocument | undefined;
let asProtobuf: EncodedDocument | undefined;

export function openApiV2Json(): EncodedDocument {
  asJson ??= encodedDocument(Buffer.from(JSON.stringify(makeOpenApiV2())));
  return asJson;
}

/** In gnostic's form, the only one that old kubectl asks for. */
export function openApiV2Protobuf(): EncodedDocument {
  asProtobuf ??= encodedDocument(encodeGnostic(makeOpenApiV2()));
  return asProtobuf;
}

export function makeOpenApiV2() {
  const documents = groupVersions().map(({ group, version }) => makeOpenApiV3(group, version));
  const definitions = new Map<string, OpenApiSchema>();
  for (const document of documents) {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      definitions.set(name, mergeKinds(schemaV2(schema), definitions.get(name)));
    }
  }
  const paths = documents.flatMap((document) => Object.entries(document.paths));
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: kubernetesVersion.gitVersion },
    paths: Object.fromEntries(paths.map(([path, item]) => [path, pathItemV2(item as Json)])),
    definitions: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const kinds = "x-kubernetes-group-version-kind";

/** A type is met in many documents, and only its own says which kind it is. */
function mergeKinds(schema: OpenApiSchema, earlier: OpenApiSchema | undefined): OpenApiSchema {
  return schema[kinds] === undefined && earlier?.[kinds] !== undefined
    ? { ...schema, [kinds]: earlier[kinds] }
    : schema;
}

/** No oneOf, no allOf: a text stands for a text or number, and a reference has its description beside it. */
function schemaV2(schema: OpenApiSchema): OpenApiSchema {
  const { allOf, oneOf, default: _default, items, additionalProperties, properties, ...rest } = schema;
  const [referred = rest] = (allOf ?? []) as OpenApiSchema[];
  const target = referred.$ref as string | undefined;
  return {
    ...rest,
    ...(oneOf === undefined ? {} : { type: "string" }),
    ...(target === undefined ? {} : { $ref: definition(target) }),
    ...(items === undefined ? {} : { items: schemaV2(items as OpenApiSchema) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: schemaV2(additionalProperties as OpenApiSchema) }),
    ...(properties === undefined ? {} : { properties: mapValues(properties as Json, (value) => schemaV2(value)) }),
  };
}

const definition = (reference: string) => reference.replace("#/components/schemas/", "#/definitions/");

function mapValues(values: Json, change: (value: Json) => unknown): Json {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value as Json)]));
}

function pathItemV2({ parameters, ...operations }: Json): Json {
  return {
    ...mapValues(operations, operationV2),
    ...(parameters === undefined ? {} : { parameters: (parameters as Json[]).map(parameterV2) }),
  };
}

interface ContentV3 {
  readonly content: Readonly<Record<string, { readonly schema: OpenApiSchema }>>;
}

function operationV2({ requestBody, responses, parameters, ...rest }: Json): Json {
  const content = (requestBody as ContentV3 | undefined)?.content ?? {};
  const [body] = Object.values(content);
  return {
    ...rest,
    consumes: Object.keys(content).length > 0 ? Object.keys(content) : ["*/*"],
    produces: ["application/json"],
    parameters: [
      ...(body ? [{ name: "body", in: "body", schema: schemaV2(body.schema) }] : []),
      ...(parameters as Json[]).map(parameterV2),
    ],
    responses: mapValues(responses as Json, ({ description, content: answers }) => ({
      description,
      schema: schemaV2((answers as ContentV3["content"])["application/json"]?.schema ?? {}),
    })),
  };
}

/** Version 2 has the type beside the name. */
const parameterV2 = ({ schema, ...rest }: Json): Json => ({ ...rest, ...(schema as Json) });
