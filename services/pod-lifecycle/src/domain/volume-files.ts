import { PodbusError } from "@podbus/errors";
import type { ConfigMap, KeyToPath, Secret, Volume } from "@podbus/kube";

export interface VolumeFile {
  readonly content: Buffer;
  readonly mode: number;
  /** The user that it belongs to; root if there is none. */
  readonly owner?: number;
}

/** Whether its files come from the API and follow what is there. */
export function isFromApi({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return Boolean(configMap ?? secret ?? downwardAPI ?? projected);
}

/** Files by their path in the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

export interface Projection {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
  readonly defaultMode: number;
}

/** kubelet: configmap.MakePayload. An absent optional ConfigMap gives no files. */
export function configMapFiles(object: ConfigMap | undefined, projection: Projection): VolumeFiles {
  const data = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(value, "base64"));
  return project(data, projection, (key) => `configmap references non-existent config key: ${key}`);
}

/** kubelet: secret.MakePayload. */
export function secretFiles(object: Secret | undefined, projection: Projection): VolumeFiles {
  const data = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(value, "base64"));
  return project(data, projection, (key) => `references non-existent secret key: ${key}`);
}

function project(
  data: ReadonlyMap<string, Buffer>,
  projection: Projection,
  missing: (key: string) => string,
): VolumeFiles {
  const { items, optional, defaultMode } = projection;
  if (!items || items.length === 0) {
    return new Map([...data].map(([key, content]) => [key, { content, mode: defaultMode }]));
  }
  const files = new Map<string, VolumeFile>();
  for (const { key, path, mode } of items) {
    const content = data.get(key);
    if (content) files.set(safePath(path), { content, mode: mode ?? defaultMode });
    else if (!optional) throw new PodbusError({ code: "FAILED_PRECONDITION", message: missing(key) });
  }
  return files;
}

/** Validation refuses such paths; a volume must not be left even if one slips through. */
export function safePath(path: string): string {
  const parts = path.split("/");
  if (path.startsWith("/") || parts.includes("..") || path === "") {
    throw new PodbusError({ code: "INVALID_ARGUMENT", message: `invalid path in volume: ${path}` });
  }
  return path;
}
