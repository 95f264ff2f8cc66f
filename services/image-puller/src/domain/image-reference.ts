/** An image reference in full: what containerd's image store is keyed by. */
export interface ImageReference {
  /** Registry host, with its port where one is given: "docker.io", "127.0.0.1:5000". */
  readonly domain: string;
  /** "library/busybox". */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** "docker.io/library/busybox:latest"; only the digest where tag and digest are given, as containerd stores it. */
  readonly canonical: string;
}

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  /** Why, in the words of the parser that Kubernetes uses. */
  | { readonly ok: false; readonly message: string };

const alphanumeric = "[a-z0-9]+";
const separator = "(?:[._]|__|-+)";
const pathComponent = `${alphanumeric}(?:${separator}${alphanumeric})*`;
const path = `${pathComponent}(?:/${pathComponent})*`;
const domainComponent = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)";
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])`;
const domain = `${host}(?::[0-9]+)?`;
const tag = "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}";
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const fullReference = new RegExp(`^(${domain})/(${path})(?::(${tag}))?(?:@(${digest}))?$`);

const defaultDomain = "docker.io";
const longestName = 255;
/** Far above any valid reference; bounds the work on hostile input. */
const longestReference = 2_048;

/** Hex digits per algorithm: those that go-digest registers. */
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Parses what a pod spec names, with the defaults of Docker's short names.
 * Rule: github.com/distribution/reference, ParseNormalizedNamed, as used by Kubernetes' pkg/util/parsers.
 */
export function parseImageReference(text: string): ParsedReference {
  if (text.length > longestReference) return invalid(`repository name must not be more than ${longestName} characters`);
  if (/^[a-f0-9]{64}$/.test(text)) {
    return invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domainText, remainder] = splitDomain(text);
  const remote = remainder.split(":", 1)[0] ?? "";
  if (remote !== remote.toLowerCase()) {
    return invalid(`invalid reference format: repository name (${remote}) must be lowercase`);
  }
  const match = fullReference.exec(`${domainText}/${remainder}`);
  if (!match) return invalid("invalid reference format");
  const [, domainName = "", pathName = "", tagName, digestText] = match;
  if (`${domainName}/${pathName}`.length > longestName) {
    return invalid(`repository name must not be more than ${longestName} characters`);
  }
  const digestFault = digestText === undefined ? undefined : faultOfDigest(digestText);
  if (digestFault !== undefined) return invalid(digestFault);
  return { ok: true, reference: completed(domainName, pathName, tagName, digestText) };
}

function completed(
  domainName: string,
  pathName: string,
  tagName: string | undefined,
  digestText: string | undefined,
): ImageReference {
  const name = `${domainName}/${pathName}`;
  const tagOrDefault = tagName ?? (digestText === undefined ? "latest" : undefined);
  const canonical = digestText === undefined ? `${name}:${tagOrDefault}` : `${name}@${digestText}`;
  return { domain: domainName, path: pathName, tag: tagOrDefault, digest: digestText, canonical };
}

/** The part before the first "/" is a registry only where it cannot be the first part of a name on Docker Hub. */
function splitDomain(text: string): [domain: string, remainder: string] {
  const slash = text.indexOf("/");
  if (slash < 0) return [defaultDomain, `library/${text}`];
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  const looksLikeHost = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const [domainName, remainder] = looksLikeHost ? [first, rest] : [defaultDomain, text];
  if (domainName !== defaultDomain && domainName !== "index.docker.io") return [domainName, remainder];
  return [defaultDomain, remainder.includes("/") ? remainder : `library/${remainder}`];
}

function faultOfDigest(text: string): string | undefined {
  const colon = text.indexOf(":");
  const length = digestLengths[text.slice(0, colon)];
  const hex = text.slice(colon + 1);
  if (length === undefined) return "unsupported digest algorithm";
  if (hex.length !== length) return "invalid checksum digest length";
  return /^[a-f0-9]+$/.test(hex) ? undefined : "invalid checksum digest format";
}

function invalid(message: string): ParsedReference {
  return { ok: false, message };
}
