import type { z } from "zod";
import { type FieldMeta, metaOf, type ScalarFormat } from "../schema/fields.ts";
import { required } from "../schema/walk.ts";

/** An OpenAPI 3.0 schema object. */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

/** Named schemas, as they stand under components.schemas. */
export class SchemaCollector {
  readonly #named = new Map<string, OpenApiSchema>();

  get named(): Record<string, OpenApiSchema> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Adds a top-level type with its kinds and answers a reference to it. */
  addKind(
    schema: z.core.$ZodType,
    { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string },
  ): OpenApiSchema {
    const reference = this.schemaOf(schema);
    const name = metaOf(schema).typeName;
    const named = name && this.#named.get(name);
    if (name && named)
      this.#named.set(name, { ...named, "x-kubernetes-group-version-kind": [{ group, version, kind }] });
    return reference;
  }

  /** Inline for scalars, lists and maps; a reference for object types, which are collected on the way. */
  schemaOf(schema: z.core.$ZodType): OpenApiSchema {
    const type = required(schema);
    const meta = metaOf(type);
    const scalar = meta.format && scalars[meta.format];
    if (scalar) return scalar;
    const { def } = type._zod;
    switch (def.type) {
      case "object":
        return this.#reference(meta, def.shape);
      case "array":
        return { type: "array", items: this.schemaOf(def.element), ...listExtensions(meta) };
      case "record":
        return { type: "object", additionalProperties: this.schemaOf(def.valueType) };
      case "boolean":
        return { type: "boolean" };
      case "string":
      case "enum":
      case "literal":
        return { type: "string" };
      case "number":
        return { type: "integer", format: "int64" };
      default:
        return {};
    }
  }

  #reference(meta: FieldMeta, shape: Readonly<Record<string, z.core.$ZodType>>): OpenApiSchema {
    const { typeName } = meta;
    if (typeName === undefined) return this.#object(meta, shape);
    if (!this.#named.has(typeName)) {
      // Held first, so that a type that contains itself ends here.
      this.#named.set(typeName, {});
      this.#named.set(typeName, this.#object(meta, shape));
    }
    return { $ref: `#/components/schemas/${typeName}` };
  }

  #object(meta: FieldMeta, shape: Readonly<Record<string, z.core.$ZodType>>): OpenApiSchema {
    const fields = Object.entries(shape).map(([name, field]) => [name, this.#property(field)] as const);
    const needed = Object.entries(shape)
      .filter(([, field]) => !isOptional(field))
      .map(([name]) => name);
    return {
      type: "object",
      ...(meta.description ? { description: meta.description } : {}),
      properties: Object.fromEntries(fields),
      ...(needed.length > 0 ? { required: needed } : {}),
    };
  }

  /** OpenAPI 3.0 allows nothing beside $ref, so extensions of a referring field go around it (allOf), as Kubernetes does. */
  #property(field: z.core.$ZodType): OpenApiSchema {
    const schema = this.schemaOf(field);
    const { description } = metaOf(required(field));
    if ("$ref" in schema) return { allOf: [schema], default: {} };
    return description ? { description, ...schema } : schema;
  }
}

function isOptional(field: z.core.$ZodType): boolean {
  return (field as z.core.$ZodTypes)._zod.def.type === "optional" || metaOf(field).mayBeLeftOut === true;
}

function listExtensions({ mergeKey, patchStrategy, listMapKeys }: FieldMeta): OpenApiSchema {
  const keys = listMapKeys ?? (mergeKey === undefined ? undefined : [mergeKey]);
  return {
    ...(mergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": mergeKey }),
    ...(patchStrategy === undefined ? {} : { "x-kubernetes-patch-strategy": patchStrategy }),
    ...(keys ? { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys } : {}),
  };
}

const scalars: Readonly<Record<ScalarFormat, OpenApiSchema>> = {
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  byte: { type: "string", format: "byte" },
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  "int-or-string": { oneOf: [{ type: "integer" }, { type: "string" }], format: "int-or-string" },
  "date-time": { type: "string", format: "date-time" },
  "micro-time": { type: "string", format: "date-time" },
  "raw-object": { type: "object" },
};
