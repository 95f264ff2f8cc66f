import { matchesGlob } from "./match-glob.ts";

/** Where a credential is for, or where an image is: the parts of "registry.example:5000/team/app". */
export interface ImageLocation {
  readonly labels: readonly string[];
  /** "" if none is given. */
  readonly port: string;
  /** "" or "/team/app". */
  readonly path: string;
}

/** Undefined for what cannot be one. A scheme is left out of account, as Kubernetes does. */
export function parseLocation(text: string): ImageLocation | undefined {
  const match = /^(?:https?:\/\/)?(?:([^/:\s]+)|\[([0-9a-fA-F:]+)\])?(?::(\d+))?(\/\S*)?$/.exec(text);
  if (!match) return undefined;
  const [, name = "", address, port = "", path = ""] = match;
  return { labels: address === undefined ? name.split(".") : [address], port, path };
}

/**
 * Whether a credential for `pattern` may be used for `image`: the ports are the same, each label of the host matches the
 * pattern's in its place, and the path begins with the pattern's.
 * Rule: pkg/credentialprovider/keyring.go, URLsMatch.
 */
export function matchesImage(pattern: ImageLocation, image: ImageLocation): boolean {
  if (pattern.port !== image.port || pattern.labels.length !== image.labels.length) return false;
  if (!image.path.startsWith(pattern.path)) return false;
  return pattern.labels.every((label, index) => matchesGlob(label, image.labels[index] ?? ""));
}
