/** Where a list goes on: after one object in its order, as of one revision. */
export interface ListPosition {
  /** -1: of now, where the list's own revision is no longer known. */
  readonly revision: number;
  readonly after: ListPlace;
}

/** An object's place in a list: its kind's own order first (see ResourceDefinition.listOrder), then its key. */
export interface ListPlace {
  readonly order: number;
  /** "namespace/name" */
  readonly key: string;
}

interface Token {
  readonly v: string;
  readonly rv: number;
  readonly start: string;
  readonly order?: number;
}

const version = "meta.k8s.io/v1";

/** The form of apiserver/pkg/storage/continue.go, which clients take as it is. */
export function encodeContinue({ revision, after }: ListPosition): string {
  const { order, key } = after;
  const token: Token = { v: version, rv: revision, start: `${key}\0`, ...(order === 0 ? {} : { order }) };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** What is wrong with a token is a text. */
export function decodeContinue(text: string): ListPosition | string {
  let token: Partial<Token>;
  try {
    token = JSON.parse(Buffer.from(text, "base64url").toString()) as Partial<Token>;
  } catch {
    return "continue key is not valid: it is no token of this server";
  }
  if (typeof token !== "object" || token === null) return "continue key is not valid: it is no token of this server";
  if (token.v !== version) return `continue key is not valid: server does not recognize this encoded version`;
  const { rv, start, order = 0 } = token;
  const complete = Number.isSafeInteger(rv) && rv !== 0 && typeof start === "string" && start.endsWith("\0");
  if (!complete || typeof order !== "number")
    return "continue key is not valid: incorrect encoded start resourceVersion";
  return { revision: Math.max(Number(rv), -1), after: { order, key: start.slice(0, -1) } };
}

export function isAfter(place: ListPlace, other: ListPlace): boolean {
  if (place.order !== other.order) return place.order > other.order;
  return comparesAfter(place.key, other.key);
}

/** By namespace, then by name: "a/z" comes before "a-b/a", which a comparison of the whole texts gets wrong. */
function comparesAfter(one: string, other: string): boolean {
  const [namespace = "", name = ""] = one.split("/");
  const [otherNamespace = "", otherName = ""] = other.split("/");
  return namespace === otherNamespace ? name > otherName : namespace > otherNamespace;
}
