import type { z } from "zod";
import { objectType } from "../../schema/fields.ts";
import { templateMetaSchema, typedObjectShape } from "../../schema/meta.ts";
import { podSpecSchema } from "../pod/schema.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const podTemplateSpecSchema = objectType(
  core("PodTemplateSpec"),
  { metadata: templateMetaSchema.optional(), spec: podSpecSchema },
  "What the pods that are made from it shall be.",
  { mayBeLeftOut: true },
);
export type PodTemplateSpec = z.infer<typeof podTemplateSpecSchema>;

export const podTemplateSchema = objectType(
  core("PodTemplate"),
  { ...typedObjectShape, template: podTemplateSpecSchema },
  "A template for pods that stands for itself.",
);
export type PodTemplate = z.infer<typeof podTemplateSchema>;
