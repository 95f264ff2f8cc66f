/**
 * What `kubectl explain` says of the fields of a type, in our own words: by OpenAPI's name of the type, then by field.
 * The empty field name stands for the type itself, where its schema does not say it.
 * Kept apart from the schemas, because field schemas are shared between types. Each kind has its table in
 * `kinds/<kind>/descriptions.ts`; `openapi/descriptions.ts` brings them together.
 */
export type TypeDescriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The fields that conditions of all kinds have. */
export const conditionFields = {
  type: "What the condition is about.",
  status: "True, False or Unknown.",
  lastTransitionTime: "When the status last changed.",
  reason: "Why it changed, in one word.",
  message: "Why it changed, for people.",
} as const;
