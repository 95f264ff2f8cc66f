import type { z } from "zod";
import { isAtomicMap, isAtomicType, structureOf } from "../field-ownership/structure.ts";
import { type FieldMeta, metaOf, type ScalarFormat } from "../schema/fields.ts";
import { listMetaSchema } from "../schema/meta.ts";
import { required } from "../schema/walk.ts";
import { fieldDescription, typeDescription } from "./descriptions.ts";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** An OpenAPI 3.0 schema object. */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

/** Named schemas, as they stand under components.schemas. */
export class SchemaCollector {
  readonly #named = new Map<string, OpenApiSchema>();

  get named(): Record<string, OpenApiSchema> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Adds a top-level type with its kinds and answers a reference to it. */
  addKind(schema: z.core.$ZodType, { group, version, kind }: GroupVersionKind): OpenApiSchema {
    const reference = this.schemaOf(schema);
    const name = metaOf(schema).typeName;
    const named = name && this.#named.get(name);
    if (name && named)
      this.#named.set(name, { ...named, "x-kubernetes-group-version-kind": [{ group, version, kind }] });
    return reference;
  }

  /** Adds the list type of a kind and answers a reference to it. */
  addList(schema: z.core.$ZodType, { group, version, kind }: GroupVersionKind): OpenApiSchema {
    const name = `${metaOf(schema).typeName}List`;
    this.#named.set(name, {
      type: "object",
      description: `Objects of kind ${kind}.`,
      properties: {
        apiVersion: { description: fieldDescription(name, "apiVersion"), type: "string" },
        kind: { description: fieldDescription(name, "kind"), type: "string" },
        metadata: { description: "What the list says of itself.", allOf: [this.schemaOf(listMetaSchema)], default: {} },
        items: { description: "The objects.", type: "array", items: this.schemaOf(schema) },
      },
      required: ["items"],
      "x-kubernetes-group-version-kind": [{ group, version, kind: `${kind}List` }],
    });
    return reference(name);
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
        return { type: "array", items: this.schemaOf(def.element), ...listExtensions(type) };
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
    return reference(typeName);
  }

  #object(meta: FieldMeta, shape: Readonly<Record<string, z.core.$ZodType>>): OpenApiSchema {
    const { typeName = "" } = meta;
    const fields = Object.entries(shape).map(([name, field]) => [name, this.#property(typeName, name, field)] as const);
    const needed = Object.entries(shape)
      .filter(([, field]) => !isOptional(field))
      .map(([name]) => name);
    return {
      type: "object",
      ...described(meta.description ?? typeDescription(typeName)),
      properties: Object.fromEntries(fields),
      ...(needed.length > 0 ? { required: needed } : {}),
      ...(isAtomicType(typeName) ? { "x-kubernetes-map-type": "atomic" } : {}),
    };
  }

  /** OpenAPI 3.0 allows nothing beside $ref, so what is said of a referring field goes around it (allOf), as Kubernetes does. */
  #property(typeName: string, name: string, field: z.core.$ZodType): OpenApiSchema {
    const schema = this.schemaOf(field);
    const description = described(fieldDescription(typeName, name) ?? metaOf(required(field)).description);
    if ("$ref" in schema) return { ...description, allOf: [schema], default: {} };
    return { ...description, ...schema, ...(isAtomicMap(typeName, name) ? { "x-kubernetes-map-type": "atomic" } : {}) };
  }
}

const reference = (name: string): OpenApiSchema => ({ $ref: `#/components/schemas/${name}` });

const described = (description: string | undefined) => (description === undefined ? {} : { description });

function isOptional(field: z.core.$ZodType): boolean {
  return (field as z.core.$ZodTypes)._zod.def.type === "optional" || metaOf(field).mayBeLeftOut === true;
}

/** How patches merge the list, and how server-side apply shares it: the same as field ownership has it. */
function listExtensions(list: z.core.$ZodTypes): OpenApiSchema {
  const { mergeKey, patchStrategy } = metaOf(list);
  return {
    ...(mergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": mergeKey }),
    ...(patchStrategy === undefined ? {} : { "x-kubernetes-patch-strategy": patchStrategy }),
    ...listType(list),
  };
}

function listType(list: z.core.$ZodTypes): OpenApiSchema {
  const structure = structureOf(list);
  if (structure.kind === "keyed") {
    return { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": structure.keys };
  }
  return { "x-kubernetes-list-type": structure.kind === "set" ? "set" : "atomic" };
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
