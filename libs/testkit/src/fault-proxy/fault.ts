import type { SeenRequest } from "./seen-request.ts";

/** What goes wrong. Without any of the requests' own faults the real registry answers. */
export type Fault =
  /** This answer, and the registry never hears of the request. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** The connection stays open and nobody ever says anything. */
  | { readonly kind: "hang" }
  /** The connection is closed without an answer. */
  | { readonly kind: "drop" }
  /** The registry's answer, with another body under the old headers; `headers` replace some of them. */
  | {
      readonly kind: "alter";
      readonly body?: (bytes: Buffer) => Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The registry's answer, closed after so many bytes of its body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The registry's answer in pieces, so many bytes at a time. */
  | { readonly kind: "slow"; readonly chunkBytes: number; readonly everyMs: number }
  /** The registry's answer; a body of at least so many bytes stops in its middle until then. */
  | { readonly kind: "halt"; readonly fromBytes: number; readonly until: Promise<void> };

export interface FaultRule {
  /** Which requests. Default: all. */
  readonly when?: (request: SeenRequest) => boolean;
  /** How many of them; then the rule is used up. Default: all. */
  readonly times?: number;
  readonly fault: Fault;
}

/** Requests for manifests by tag or digest. */
export const ofManifests = ({ path }: SeenRequest) => path.includes("/manifests/");

/** Requests for layers and configurations. */
export const ofBlobs = ({ path }: SeenRequest) => path.includes("/blobs/");

/** The blob or manifest with this digest. */
export function ofDigest(digest: string): (request: SeenRequest) => boolean {
  return ({ path }) => path.endsWith(`/${digest}`);
}

/** A registry's demand to fetch a token elsewhere: https://distribution.github.io/distribution/spec/auth/token/ */
export function tokenChallenge(realmUrl: string): Fault {
  const headers = { "www-authenticate": `Bearer realm="${realmUrl}",service="registry of a test"` };
  return { kind: "answer", status: 401, headers };
}

export function redirect(url: string): Fault {
  return { kind: "answer", status: 307, headers: { location: url } };
}

/** An answer in the registry's own words, which containerd shows. */
export function registryError(status: number, code: string, message: string): Fault {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return { kind: "answer", status, headers: { "content-type": "application/json" }, body };
}
