import type { z } from "zod";
import { tokenRequestSchema } from "../kinds/access-review/schema.ts";
import { evictionSchema } from "../kinds/eviction/schema.ts";
import { scaleSchema } from "../kinds/scale/schema.ts";
import type { ResourceDefinition, Subresource, Verb } from "../resource-definition.ts";
import { deleteOptionsSchema } from "../schema/meta.ts";
import { query, subresourceParameters } from "./query-parameters.ts";
import type { GroupVersionKind, OpenApiSchema, SchemaCollector } from "./schemas.ts";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** What is asked for and answered below one path. */
interface PathSpec {
  readonly gvk: GroupVersionKind;
  readonly verbs: Partial<Record<Method, Verb>>;
  /** Kubernetes' x-kubernetes-action where it is not the verb. */
  readonly action?: string;
  readonly request: OpenApiSchema;
  readonly response: OpenApiSchema;
  readonly deleteOptions: OpenApiSchema;
  /** Parameters of the subresource instead of those of the verb. */
  readonly parameters?: readonly object[];
}

/** The paths of a row: its collection, its objects and their subresources. */
export function pathsOf(row: ResourceDefinition, collector: SchemaCollector): [string, object][] {
  const root = row.group === "" ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
  const collection = `${root}${row.namespaced ? "/namespaces/{namespace}" : ""}/${row.plural}`;
  const body = collector.addKind(row.schema, row);
  const common = { gvk: row, request: body, response: body, deleteOptions: collector.schemaOf(deleteOptionsSchema) };
  const list = row.verbs.includes("list") ? collector.addList(row.schema, row) : body;
  const served = (verbs: PathSpec["verbs"]) =>
    Object.fromEntries(Object.entries(verbs).filter(([, verb]) => row.verbs.includes(verb)));
  const listing = { ...common, response: list, verbs: served({ get: "list", delete: "deletecollection" }) };
  const paths: [string, object][] = [
    [collection, { ...operations(listing), ...operations({ ...common, verbs: served({ post: "create" }) }) }],
    [
      `${collection}/{name}`,
      operations({ ...common, verbs: served({ get: "get", put: "update", patch: "patch", delete: "delete" }) }),
    ],
    ...row.subresources.flatMap((sub) => subresourcePaths(`${collection}/{name}/${sub.name}`, sub, { row, collector })),
  ];
  if (row.namespaced && row.verbs.includes("list")) {
    paths.push([`${root}/${row.plural}`, operations({ ...listing, verbs: { get: "list" } })]);
  }
  return paths
    .filter(([, item]) => Object.keys(item).length > 0)
    .map(([path, item]) => [path, { ...item, ...pathParameters(path) }]);
}

const methods: Readonly<Partial<Record<Verb, Method>>> = {
  get: "get",
  create: "post",
  update: "put",
  patch: "patch",
  delete: "delete",
};

/** Bodies that are not the resource's own kind. */
const bodies: Readonly<Record<string, z.core.$ZodType>> = {
  Eviction: evictionSchema,
  Scale: scaleSchema,
  TokenRequest: tokenRequestSchema,
};

/** Streams and other people's answers: no kind of the API comes back. */
const connections: ReadonlySet<string> = new Set(["attach", "exec", "portforward", "proxy"]);

function subresourcePaths(
  path: string,
  sub: Subresource,
  { row, collector }: { readonly row: ResourceDefinition; readonly collector: SchemaCollector },
): [string, object][] {
  const gvk = { group: sub.group ?? row.group, version: sub.version ?? row.version, kind: sub.kind ?? row.kind };
  const verbs = Object.fromEntries(sub.verbs.flatMap((verb) => (methods[verb] ? [[methods[verb], verb]] : [])));
  const deleteOptions = collector.schemaOf(deleteOptionsSchema);
  if (connections.has(sub.name) || sub.name === "log") {
    const text = { type: "string" };
    const action = connections.has(sub.name) ? { action: "connect" } : {};
    const spec = { gvk, verbs, request: text, response: text, deleteOptions, ...action };
    const item = operations({ ...spec, parameters: subresourceParameters[sub.name] ?? [] });
    return sub.name === "proxy"
      ? [
          [path, item],
          [`${path}/{path}`, item],
        ]
      : [[path, item]];
  }
  const own = sub.kind === undefined || sub.kind === row.kind;
  const schema = own ? row.schema : bodies[sub.kind];
  if (!schema) throw new Error(`no schema for ${sub.kind}, the body of ${row.plural}/${sub.name}`);
  const body = collector.addKind(schema, own ? row : gvk);
  return [[path, operations({ gvk, verbs, request: body, response: body, deleteOptions })]];
}

function operations(spec: PathSpec): object {
  const { group, version, kind } = spec.gvk;
  const rendered = Object.entries(spec.verbs).map(([method, verb]) => [
    method,
    {
      "x-kubernetes-action": spec.action ?? actions[verb] ?? verb,
      "x-kubernetes-group-version-kind": { group, version, kind },
      parameters: spec.parameters ?? parametersOf(method as Method),
      ...(spec.action === "connect" ? {} : requestBody(method as Method, spec)),
      responses: { "200": { description: "OK", content: { "application/json": { schema: spec.response } } } },
    },
  ]);
  return Object.fromEntries(rendered);
}

/** Kubernetes' names where they differ from the verbs'. */
const actions: Readonly<Record<string, string>> = { create: "post", update: "put" };

/** kubectl looks for fieldValidation and dryRun here before it relies on them. */
function parametersOf(method: Method) {
  if (method === "get")
    return ["labelSelector", "fieldSelector", "continue", "resourceVersion"].map((name) => query(name, "string"));
  if (method === "delete")
    return [query("dryRun", "string"), query("gracePeriodSeconds", "integer"), query("propagationPolicy", "string")];
  const writing = ["dryRun", "fieldManager", "fieldValidation"].map((name) => query(name, "string"));
  return method === "patch" ? [...writing, query("force", "boolean")] : writing;
}

const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

function requestBody(method: Method, { request, deleteOptions }: PathSpec) {
  if (method === "get") return {};
  const schemas = { patch: { type: "object" }, delete: deleteOptions, post: request, put: request };
  const types = method === "patch" ? patchTypes : ["*/*"];
  return { requestBody: { content: Object.fromEntries(types.map((type) => [type, { schema: schemas[method] }])) } };
}

function pathParameters(path: string) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string", uniqueItems: true },
    })),
  };
}
