import { PodbusError } from "@podbus/errors";
import { type Blob, type ImageTree, isManifest } from "./image.ts";

export interface PushTarget {
  /** "http://127.0.0.1:5000". */
  readonly registryUrl: string;
  /** "demo/busybox". */
  readonly repository: string;
  readonly tag: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly signal?: AbortSignal;
}

/**
 * Uploads what the registry lacks, then the manifests, the root last and under the tag.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushImage(image: ImageTree, target: PushTarget): Promise<{ readonly digest: string }> {
  for (const blob of image.blobs) {
    if (isManifest(blob.descriptor)) await pushManifest(blob, blob.descriptor.digest, target);
    else await pushBlob(blob, target);
  }
  await pushManifest(image.root, target.tag, target);
  return { digest: image.root.descriptor.digest };
}

async function pushBlob({ descriptor, bytes }: Blob, target: PushTarget): Promise<void> {
  const blobsUrl = `${target.registryUrl}/v2/${target.repository}/blobs/`;
  const present = await request(target, `${blobsUrl}${descriptor.digest}`, { method: "HEAD" }, [200, 404]);
  if (present.status === 200) return;
  const opened = await request(target, `${blobsUrl}uploads/`, { method: "POST" }, [202]);
  const uploadUrl = new URL(opened.headers.get("location") ?? "", target.registryUrl);
  uploadUrl.searchParams.set("digest", descriptor.digest);
  const headers = { "content-type": "application/octet-stream" };
  await request(target, uploadUrl.href, { method: "PUT", headers, body: new Uint8Array(bytes) }, [201]);
}

async function pushManifest({ descriptor, bytes }: Blob, reference: string, target: PushTarget): Promise<void> {
  const url = `${target.registryUrl}/v2/${target.repository}/manifests/${reference}`;
  const headers = { "content-type": descriptor.mediaType };
  await request(target, url, { method: "PUT", headers, body: new Uint8Array(bytes) }, [201]);
}

async function request(
  { credentials, signal, registryUrl }: PushTarget,
  url: string,
  init: RequestInit,
  expected: readonly number[],
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (credentials) headers.set("authorization", `Basic ${btoa(`${credentials.username}:${credentials.password}`)}`);
  const response = await fetch(url, { ...init, headers, ...(signal ? { signal } : {}) }).catch((cause: unknown) => {
    throw new PodbusError({ code: "UNAVAILABLE", message: `registry ${registryUrl} cannot be reached`, cause });
  });
  const body = await response.text();
  if (expected.includes(response.status)) return response;
  throw new PodbusError({
    code: "INTERNAL",
    message: `registry ${registryUrl}: ${init.method} ${new URL(url).pathname}: ${response.status} ${body.slice(0, 300)}`,
  });
}
