import type { DockerCredential } from "./docker-config.ts";
import { type ImageLocation, matchesImage, parseLocation } from "./match-image.ts";
import type { CredentialSource, RegistryCredential } from "./registry-credential.ts";

export interface SourcedEntries {
  readonly source: CredentialSource;
  readonly entries: ReadonlyMap<string, DockerCredential>;
}

/** Docker Hub's name in docker's own configuration. */
const defaultRegistry = "index.docker.io";

/**
 * All credentials for an image, the most specific place first; of one place in the order in which they were found.
 * `repository`: "registry.example:5000/team/app", or "docker.io/library/busybox".
 * Rule: pkg/credentialprovider/keyring.go, BasicDockerKeyring.
 */
export function lookUpCredentials(sources: readonly SourcedEntries[], repository: string): RegistryCredential[] {
  const image = parseLocation(repository);
  if (!image) return [];
  const byPlace = new Map<string, RegistryCredential[]>();
  for (const { source, entries } of sources) {
    for (const [place, credential] of entries) {
      const key = placeKey(place);
      if (key !== undefined) byPlace.set(key, [...(byPlace.get(key) ?? []), { ...credential, source }]);
    }
  }
  const places = [...byPlace.keys()].sort().reverse();
  const matching = places.filter((place) => {
    const pattern = parseLocation(place);
    return pattern !== undefined && matchesImage(pattern, image);
  });
  if (matching.length > 0) return matching.flatMap((place) => byPlace.get(place) ?? []);
  return isOnDockerHub(image) ? (byPlace.get(defaultRegistry) ?? []) : [];
}

/** Without scheme; "/v1/" and "/v2/" stand for the whole registry. */
function placeKey(place: string): string | undefined {
  const bare = place.replace(/^https?:\/\//, "");
  if (!parseLocation(bare)) return undefined;
  const slash = bare.indexOf("/");
  const [host, path] = slash < 0 ? [bare, ""] : [bare.slice(0, slash), bare.slice(slash)];
  const effective = /^\/v[12]\//.test(path) ? path.slice(3) : path;
  return effective === "/" ? host : `${host}${effective}`;
}

const isOnDockerHub = ({ labels }: ImageLocation) => ["docker.io", defaultRegistry].includes(labels.join("."));
