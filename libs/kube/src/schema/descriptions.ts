/**
 * What `kubectl explain` says of the fields of a type, in our own words: by OpenAPI's name of the type, then by field.
 * Kept apart from the schemas, because field schemas are shared between types. Each kind has its table in
 * `kinds/<kind>/descriptions.ts`; `openapi/descriptions.ts` brings them together.
 */
export type TypeDescriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;
