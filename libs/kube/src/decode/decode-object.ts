import type { FieldValidation, ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { statusBadRequest } from "../status/builders.ts";
import type { StatusError } from "../status/status-error.ts";
import { DecodeProblem, decodeValue, goTypeOf } from "./decoder.ts";
import { strictProblemsOf } from "./parse-document.ts";

export interface DecodedObject<T extends KubeObject = KubeObject> {
  readonly object: T;
  /** For Warning headers; only with "Warn". */
  readonly warnings: string[];
}

type Row = Pick<ResourceDefinition, "group" | "version" | "kind" | "schema">;

function apiVersionOf(row: Row): string {
  return row.group === "" ? row.version : `${row.group}/${row.version}`;
}

/** staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go transformDecodeError */
function cannotBeHandled(row: Row, kind: string, apiVersion: string, problem: string): StatusError {
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  return statusBadRequest(`${kind} in version "${version}" cannot be handled as a ${row.kind}: ${problem}`);
}

function textField(json: object, name: string): string {
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? value : "";
}

/** A body may leave kind and apiVersion out; another kind or version than the URL's is refused. */
function checkType(row: Row, json: object): { kind: string; apiVersion: string } {
  const kind = textField(json, "kind") || row.kind;
  const apiVersion = textField(json, "apiVersion") || apiVersionOf(row);
  if (apiVersion !== apiVersionOf(row)) {
    throw cannotBeHandled(row, kind, apiVersion, `no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  if (kind !== row.kind) {
    const problem = `converting (${row.version}.${kind}) to (${row.kind}): unknown conversion`;
    throw cannotBeHandled(row, kind, apiVersion, problem);
  }
  return { kind, apiVersion };
}

/**
 * A JSON value (from parseDocument) as an object of this kind, not yet defaulted or validated.
 * Throws StatusError BadRequest: wrong kind or type, and with "Strict" unknown and duplicate fields.
 */
export function decodeObject<T extends KubeObject = KubeObject>(
  // `defaults` is there for its type: it tells T.
  resource: Row & Partial<Pick<ResourceDefinition<T>, "defaults">>,
  json: unknown,
  fieldValidation: FieldValidation,
): DecodedObject<T> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    const found = json === null ? "null" : Array.isArray(json) ? "array" : typeof json;
    const type = goTypeOf(resource.schema);
    throw statusBadRequest(`couldn't get version/kind; json: cannot unmarshal ${found} into Go value of type ${type}`);
  }
  const { kind, apiVersion } = checkType(resource, json);
  const { value, unknownFields } = decodeOrRefuse(resource, json, kind, apiVersion);
  const problems = [...strictProblemsOf(json), ...unknownFields.map((path) => `unknown field "${path}"`)];
  if (problems.length > 0 && fieldValidation === "Strict") {
    throw cannotBeHandled(resource, kind, apiVersion, `strict decoding error: ${problems.join(", ")}`);
  }
  // The schema that decoded it is the one that T is inferred from.
  const object = { ...(value as T), kind, apiVersion };
  return { object, warnings: fieldValidation === "Warn" ? problems : [] };
}

function decodeOrRefuse(row: Row, json: object, kind: string, apiVersion: string) {
  try {
    return decodeValue(row.schema, json);
  } catch (thrown) {
    if (thrown instanceof DecodeProblem) throw cannotBeHandled(row, kind, apiVersion, thrown.message);
    throw thrown;
  }
}
