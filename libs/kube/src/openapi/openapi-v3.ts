import { createHash } from "node:crypto";
import { kubernetesVersion } from "../constants.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { resources } from "../resources.ts";
import { deleteOptionsSchema } from "../schema/meta.ts";
import { type OpenApiSchema, SchemaCollector } from "./schemas.ts";

// GET /openapi/v3 and the documents below it, made from the kinds' own schemas. Made when first asked for, then kept
// as text: they are large, and most processes never need them.

/** Which documents there are; the hash lets clients keep one until it changes. */
export function openApiV3Index() {
  const paths = groupVersions().map(({ group, version }) => {
    const path = group === "" ? `api/${version}` : `apis/${group}/${version}`;
    const hash = createHash("sha256").update(documentText(group, version)).digest("hex").toUpperCase();
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/** The document of one group version; undefined where there is none. */
export function openApiV3Document(group: string, version: string): unknown {
  if (!groupVersions().some((each) => each.group === group && each.version === version)) return undefined;
  return JSON.parse(documentText(group, version));
}

const texts = new Map<string, string>();

function documentText(group: string, version: string): string {
  const key = `${group}/${version}`;
  const text = texts.get(key) ?? JSON.stringify(makeDocument(group, version));
  texts.set(key, text);
  return text;
}

function groupVersions() {
  const all = resources.map(({ group, version }) => ({ group, version }));
  return all.filter(
    (each, at) => all.findIndex((other) => other.group === each.group && other.version === each.version) === at,
  );
}

function makeDocument(group: string, version: string) {
  const collector = new SchemaCollector();
  collector.schemaOf(deleteOptionsSchema);
  const rows = resources.filter((row) => row.group === group && row.version === version);
  const paths = rows.flatMap((row) => pathsOf(row, collector.addKind(row.schema, row)));
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: kubernetesVersion.gitVersion },
    paths: Object.fromEntries(paths),
    components: { schemas: collector.named },
  };
}

function pathsOf(row: ResourceDefinition, body: OpenApiSchema): [string, object][] {
  const root = row.group === "" ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
  const collection = `${root}${row.namespaced ? "/namespaces/{namespace}" : ""}/${row.plural}`;
  const item = `${collection}/{name}`;
  const paths: [string, object][] = [
    [collection, operations(row, body, { get: "list", post: "create", delete: "deletecollection" })],
    [item, operations(row, body, { get: "get", put: "update", patch: "patch", delete: "delete" })],
  ];
  if (row.subresources.some((sub) => sub.name === "status")) {
    paths.push([`${item}/status`, operations(row, body, { get: "get", put: "update", patch: "patch" })]);
  }
  return paths;
}

type Method = "get" | "post" | "put" | "patch" | "delete";

function operations(row: ResourceDefinition, body: OpenApiSchema, verbs: Partial<Record<Method, string>>): object {
  const { group, version, kind } = row;
  const wanted = Object.entries(verbs).filter(([, verb]) => (row.verbs as readonly string[]).includes(verb));
  const rendered = wanted.map(([method, verb]) => [
    method,
    {
      "x-kubernetes-action": actions[verb] ?? verb,
      "x-kubernetes-group-version-kind": { group, version, kind },
      parameters: parametersOf(method as Method),
      ...requestBody(method as Method, body),
      responses: { "200": { description: "OK", content: { "application/json": { schema: body } } } },
    },
  ]);
  return Object.fromEntries(rendered);
}

/** Kubernetes' names where they differ from the verbs'. */
const actions: Readonly<Record<string, string>> = { create: "post", update: "put" };

const query = (name: string, type: string) => ({ name, in: "query", schema: { type, uniqueItems: true } });

/** kubectl looks for fieldValidation and dryRun here before it relies on them. */
function parametersOf(method: Method) {
  if (method === "get")
    return ["labelSelector", "fieldSelector", "continue", "resourceVersion"].map((name) => query(name, "string"));
  if (method === "delete")
    return [query("dryRun", "string"), query("gracePeriodSeconds", "integer"), query("propagationPolicy", "string")];
  return [query("dryRun", "string"), query("fieldManager", "string"), query("fieldValidation", "string")];
}

function requestBody(method: Method, body: OpenApiSchema) {
  if (method === "get" || method === "delete") return {};
  const types =
    method === "patch"
      ? ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"]
      : ["*/*"];
  const schema = method === "patch" ? { type: "object" } : body;
  return { requestBody: { content: Object.fromEntries(types.map((type) => [type, { schema }])) } };
}
