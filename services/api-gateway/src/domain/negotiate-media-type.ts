/** In what form an answer is wanted. */
export interface Negotiated {
  readonly format: "json" | "yaml";
  /** "object" is the kind itself. */
  readonly as: "object" | "Table" | "PartialObjectMetadata" | "APIGroupDiscoveryList";
  /** The version in `v=`, as "v1" or "v2". "" for the object itself. */
  readonly version: string;
}

export type Transformation = Exclude<Negotiated["as"], "object">;

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

const plain: Negotiated = { format: "json", as: "object", version: "" };

const versionsOf: Readonly<Record<Transformation, { readonly group: string; readonly versions: readonly string[] }>> = {
  Table: { group: "meta.k8s.io", versions: ["v1", "v1beta1"] },
  PartialObjectMetadata: { group: "meta.k8s.io", versions: ["v1", "v1beta1"] },
  APIGroupDiscoveryList: { group: "apidiscovery.k8s.io", versions: ["v2", "v2beta1"] },
};

/**
 * The first acceptable clause of an Accept header, or undefined if none can be served (406). `offered` names the
 * transformations that this resource has. Mirrors apiserver/pkg/endpoints/handlers/negotiation/negotiate.go.
 */
export function negotiateMediaType(
  accept: string | undefined,
  offered: readonly Transformation[],
): Negotiated | undefined {
  if (accept === undefined || accept.trim() === "") return plain;
  for (const clause of parseAccept(accept)) {
    const negotiated = serve(clause, offered);
    if (negotiated) return negotiated;
  }
  return undefined;
}

function serve(clause: Clause, offered: readonly Transformation[]): Negotiated | undefined {
  const format = formatOf(clause.type);
  if (!format) return undefined;
  const wanted = clause.parameters.get("as");
  if (wanted === undefined) return { ...plain, format };
  const as = offered.find((transformation) => wanted.replace(/^(PartialObjectMetadata)List$/, "$1") === transformation);
  if (!as) return undefined;
  const { group, versions } = versionsOf[as];
  const version = clause.parameters.get("v") ?? "";
  if (clause.parameters.get("g") !== group || !versions.includes(version)) return undefined;
  return { format, as, version };
}

function formatOf(type: string): Negotiated["format"] | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  return type === "application/yaml" ? "yaml" : undefined;
}

function parseAccept(accept: string): Clause[] {
  const clauses = accept.split(",").map(parseClause);
  // Array.sort is stable: clauses of equal quality keep their order.
  return clauses.sort((a, b) => b.quality - a.quality);
}

function parseClause(text: string): Clause {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = new Map(rest.map(parseParameter));
  const quality = Number(parameters.get("q") ?? "1");
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
}

function parseParameter(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
