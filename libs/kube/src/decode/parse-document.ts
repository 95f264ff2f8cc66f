import {
  type Document,
  isCollection,
  isScalar,
  LineCounter,
  parseDocument as parseYamlDocument,
  type Tags,
  visit,
  type YAMLMap,
} from "yaml";
import { statusBadRequest, statusTooLarge, statusUnsupportedMediaType } from "../status/builders.ts";
import { deepestDocument, scanJson } from "./duplicate-fields.ts";

/** Kubernetes' limit on a request body. */
export const largestJsonBytes = 3 * 1024 * 1024;
/** YAML blocks the process for some 3 ms per KiB, and kubectl sends JSON. */
export const largestYamlBytes = 512 * 1024;
/** Of one anchor, what is below it counted as often as it is repeated. */
const mostAliases = 100;
/** The library walks the document for every one of them. */
const mostAliasesInAll = 1_000;

const strictProblems = new WeakMap<object, readonly string[]>();

/** What strict decoding objects to and only the text shows: fields given twice. */
export function strictProblemsOf(document: unknown): readonly string[] {
  return typeof document === "object" && document !== null ? (strictProblems.get(document) ?? []) : [];
}

function remember(document: unknown, problems: readonly string[]): unknown {
  if (problems.length > 0 && typeof document === "object" && document !== null) strictProblems.set(document, problems);
  return document;
}

function problemOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw statusBadRequest(`the body is not UTF-8: ${problemOf(thrown)}`);
  }
}

/** JSON text as a value of bounded depth. Throws StatusError BadRequest. */
export function parseJson(text: string): unknown {
  const scan = scanJson(text);
  if (scan.kind === "too-deep") throw statusBadRequest("json: exceeded max depth");
  try {
    return remember(
      JSON.parse(text),
      scan.duplicates.map((path) => `duplicate field "${path}"`),
    );
  } catch (thrown) {
    throw statusBadRequest(`couldn't get version/kind; json parse error: ${problemOf(thrown)}`);
  }
}

/**
 * Kubernetes reads YAML 1.1 scalars (yes, 0644) but neither base 60 numbers ("22:22" stays text) nor dates.
 */
function likeGoYaml(tags: Tags): Tags {
  const unwanted = new Set([
    "tag:yaml.org,2002:timestamp",
    "tag:yaml.org,2002:binary",
    "tag:yaml.org,2002:omap",
    "tag:yaml.org,2002:pairs",
    "tag:yaml.org,2002:set",
  ]);
  return tags.filter((tag) => typeof tag === "string" || (tag.format !== "TIME" && !unwanted.has(tag.tag)));
}

function tooDeepForYaml(text: string): boolean {
  const flow = /[[{]/g;
  return (text.match(flow)?.length ?? 0) > 50_000 || /^[ \t]{2000,}/m.test(text) || /(?:[[{?-][ \t]*){500}/.test(text);
}

function parseYaml(text: string): unknown {
  if (tooDeepForYaml(text)) throw statusBadRequest("yaml: exceeded max depth");
  const lines = new LineCounter();
  try {
    const document = parseYamlDocument(text, {
      version: "1.1",
      schema: "yaml-1.1",
      merge: true,
      customTags: likeGoYaml,
      // The library compares every key with every other one: 20,000 of them would take seconds.
      uniqueKeys: false,
      lineCounter: lines,
    });
    const [fatal] = document.errors;
    if (fatal !== undefined) throw fatal;
    const duplicates = repeatedKeys(document).map(
      (offset) => `yaml: line ${lines.linePos(offset).line}: key already set in map`,
    );
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return remember(unshare(value, 0), duplicates);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw statusBadRequest("yaml: exceeded max depth");
    throw statusBadRequest(`error converting YAML to JSON: yaml: ${problemOf(thrown)}`);
  }
}

/** Where keys stand that their map has already. Throws for too many aliases, and for keys that JSON cannot have. */
function repeatedKeys(document: Document.Parsed): number[] {
  const repeated: number[] = [];
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases += 1;
      if (aliases > mostAliasesInAll) throw new TypeError("document contains excessive aliasing");
    },
    Map: (_, map) => {
      for (const offset of repeatedIn(map)) repeated.push(offset);
    },
  });
  return repeated;
}

function repeatedIn(map: YAMLMap): number[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (isCollection(key)) throw new TypeError("invalid map key: a map or a list");
    if (!isScalar(key)) return [];
    const known = seen.has(key.value);
    seen.add(key.value);
    return known ? [key.range?.[0] ?? 0] : [];
  });
}

/** Aliases share what they name; what comes out is a tree like JSON's, of bounded depth. */
function unshare(value: unknown, depth: number): unknown {
  if (depth > deepestDocument) throw new RangeError("too deep");
  if (Array.isArray(value)) return value.map((item) => unshare(item, depth + 1));
  if (typeof value === "bigint") return Number(value);
  // encoding/json: UnsupportedValueError
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`json: unsupported value: ${value}`);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unshare(item, depth + 1)]));
}

const jsonTypes = new Set(["", "*/*", "application/json"]);
const yamlTypes = new Set(["application/yaml", "application/x-yaml", "text/yaml"]);

/** A request body as a value. Throws StatusError: BadRequest, RequestEntityTooLarge or UnsupportedMediaType. */
export function parseDocument(bytes: Uint8Array, contentType: string): unknown {
  const mediaType = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const isYaml = yamlTypes.has(mediaType);
  if (!isYaml && !jsonTypes.has(mediaType)) throw statusUnsupportedMediaType(["application/json", "application/yaml"]);
  if (bytes.byteLength > largestJsonBytes) throw statusTooLarge(`limit is ${largestJsonBytes}`);
  const text = decodeUtf8(bytes);
  if (!isYaml) return parseJson(text);
  const json = jsonIn(text);
  if (json) return json.value;
  if (bytes.byteLength > largestYamlBytes) throw statusTooLarge(`limit is ${largestYamlBytes}`);
  return parseYaml(text);
}

/** JSON is YAML, too, and a server-side apply's usual form: read as JSON it costs a hundredth. undefined for other YAML. */
function jsonIn(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*\{\s*["}]/.test(text)) return undefined;
  try {
    return { value: parseJson(text) };
  } catch {
    // Maps of YAML may begin so as well; what is wrong is said by its parser.
    return undefined;
  }
}
