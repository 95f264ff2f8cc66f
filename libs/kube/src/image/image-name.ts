/**
 * The parts of an image's name that decide defaults. Grammar: github.com/distribution/reference.
 * `tag` is undefined when the name has none.
 */
export interface ImageNameParts {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function splitImageName(image: string): ImageNameParts {
  const at = image.indexOf("@");
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const named = at < 0 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: hasTag ? named.slice(0, colon) : named,
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest,
  };
}

/** pkg/apis/core/v1/defaults.go SetDefaults_Container: what may change under its name is pulled always. */
export function defaultImagePullPolicy(image: string): "Always" | "IfNotPresent" {
  const { tag, digest } = splitImageName(image);
  const effectiveTag = tag ?? (digest === undefined ? "latest" : "");
  return effectiveTag === "latest" ? "Always" : "IfNotPresent";
}
