import { type Code, PodbusError } from "@podbus/errors";
import { describe, expect, it } from "vitest";
import { pullCause } from "./pull-cause.ts";

/** What containerd 1.7 said to tests/registry-faults.integration.test.ts, with other names. */
const pulling = 'failed to pull and unpack image "r.example/app:1": ';
const resolving = `${pulling}failed to resolve reference "r.example/app:1": `;
const opening = `${pulling}failed to copy: httpReadSeeker: failed open: `;
const blob = "https://r.example/v2/app/blobs/sha256:1";
const head = "unexpected status from HEAD request to https://r.example/v2/app/manifests/1: ";
const wrongDigest = "unexpected commit digest sha256:2, expected sha256:1: failed precondition";

const table: [sentence: string, runtimeCode: Code, words: string, code: Code, because: RegExp][] = [
  ["no such image", "NOT_FOUND", `${resolving}r.example/app:1: not found`, "NOT_FOUND", /no such image \(404/],
  [
    "no such layer",
    "NOT_FOUND",
    `${opening}could not fetch content descriptor sha256:1 (application/vnd.oci.image.layer.v1.tar+gzip) from remote: not found`,
    "NOT_FOUND",
    /no such part of it \(404/,
  ],
  [
    "no variant for our platform",
    "NOT_FOUND",
    `${pulling}no match for platform in manifest: not found`,
    "NOT_FOUND",
    /no variant for this node's platform/,
  ],
  [
    "no variant for our platform, of containerd 2",
    "NOT_FOUND",
    `${pulling}no match for platform in manifest sha256:1: not found`,
    "NOT_FOUND",
    /no variant for this node's platform/,
  ],
  ["unauthorized", "UNKNOWN", `${resolving}${head}401 Unauthorized`, "UNAUTHENTICATED", /credentials .* \(401/],
  [
    "a layer unauthorized",
    "UNKNOWN",
    `${opening}unexpected status code ${blob}: 401 Unauthorized - Server message: unauthorized`,
    "UNAUTHENTICATED",
    /credentials .* \(401/,
  ],
  [
    "no password",
    "UNKNOWN",
    `${resolving}pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
    "UNAUTHENTICATED",
    /credentials .* \(401/,
  ],
  [
    "a token that does not reach so far",
    "UNKNOWN",
    `${resolving}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    "UNAUTHENTICATED",
    /credentials .* \(401/,
  ],
  ["forbidden", "UNKNOWN", `${resolving}${head}403 Forbidden`, "PERMISSION_DENIED", /not allow it \(403/],
  [
    "too many requests",
    "UNKNOWN",
    `${resolving}${head}429 Too Many Requests`,
    "RESOURCE_EXHAUSTED",
    /too many .*\(429/,
  ],
  [
    "a corrupted layer",
    "FAILED_PRECONDITION",
    `${pulling}failed commit on ref "layer-sha256:1": ${wrongDigest}`,
    "DATA_LOSS",
    /^a layer arrived corrupted/,
  ],
  [
    "a corrupted configuration",
    "FAILED_PRECONDITION",
    `${pulling}failed commit on ref "config-sha256:1": ${wrongDigest}`,
    "DATA_LOSS",
    /^the image's configuration arrived corrupted/,
  ],
  [
    "a manifest with a wrong digest",
    "FAILED_PRECONDITION",
    `${pulling}failed commit on ref "manifest-sha256:1": ${wrongDigest}`,
    "DATA_LOSS",
    /^the registry sent a manifest with another digest/,
  ],
  [
    "an index with a wrong digest",
    "FAILED_PRECONDITION",
    `${pulling}failed commit on ref "index-sha256:1": ${wrongDigest}`,
    "DATA_LOSS",
    /^the registry sent a manifest with another digest/,
  ],
  [
    "a truncated blob",
    "UNKNOWN",
    `${pulling}failed to read expected number of bytes: unexpected EOF`,
    "DATA_LOSS",
    /\(truncated\)/,
  ],
  [
    "a layer that is no archive",
    "UNKNOWN",
    `${pulling}failed to extract layer sha256:1: archive/tar: invalid tar header: unknown`,
    "DATA_LOSS",
    /cannot be unpacked/,
  ],
  [
    "a gzip that breaks off",
    "UNKNOWN",
    `${pulling}failed to extract layer sha256:1: unexpected EOF: unknown`,
    "DATA_LOSS",
    /cannot be unpacked/,
  ],
  [
    "a layer with another content",
    "UNKNOWN",
    `${pulling}wrong diff id calculated on extraction "sha256:1"`,
    "DATA_LOSS",
    /not the one that the image's configuration names/,
  ],
  [
    "a full disk",
    "UNKNOWN",
    `${pulling}failed to extract layer sha256:1: write /a: no space left on device: unknown`,
    "RESOURCE_EXHAUSTED",
    /disk is full/,
  ],
  ["schema 1", "UNKNOWN", `${resolving}no signatures`, "UNIMPLEMENTED", /schema 1/],
  [
    "schema 1, of containerd 2.0",
    "UNKNOWN",
    `${pulling}failed to get converter for "r.example/app:1": Pulling Schema 1 images have been deprecated and disabled by default since containerd v2.0.`,
    "UNIMPLEMENTED",
    /schema 1/,
  ],
  [
    "schema 1, of containerd 2.1",
    "UNIMPLEMENTED",
    `${pulling}not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1`,
    "UNIMPLEMENTED",
    /schema 1/,
  ],
  [
    "redirects without end",
    "UNKNOWN",
    `${opening}failed to do request: Get "https://r.example/a": stopped after 10 redirects`,
    "FAILED_PRECONDITION",
    /redirects again and again/,
  ],
  [
    "an untrusted certificate",
    "UNKNOWN",
    `${resolving}failed to do request: Head "https://r.example/v2/app/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    "FAILED_PRECONDITION",
    /certificate is not trusted/,
  ],
  [
    "no TLS where it is expected",
    "UNKNOWN",
    `${resolving}failed to do request: Head "https://r.example/v2/app/manifests/1": http: server gave HTTP response to HTTPS client`,
    "FAILED_PRECONDITION",
    /plain HTTP/,
  ],
  [
    "our time limit",
    "DEADLINE_EXCEEDED",
    "container runtime: PullImage did not answer within 600000 ms",
    "DEADLINE_EXCEEDED",
    /longer than allowed/,
  ],
  [
    "the runtime's own limit for a download that stands still",
    "CANCELLED",
    `${resolving}failed to do request: Head "https://r.example/v2/app/manifests/1": context canceled`,
    "DEADLINE_EXCEEDED",
    /nothing arrived for so long/,
  ],
];

describe("pullCause", () => {
  it.each(table)("%s", (_sentence, runtimeCode, message, code, because) => {
    const cause = pullCause(new PodbusError({ code: runtimeCode, message }));
    expect(cause).toEqual(expect.objectContaining({ code, because: expect.stringMatching(because) }));
  });

  it("a cause that nobody knows", () => {
    expect(pullCause(new PodbusError({ code: "UNKNOWN", message: `${resolving}out of luck` }))).toBeUndefined();
    expect(pullCause(new PodbusError({ code: "CANCELLED", message: "PullImage was cancelled" }))).toBeUndefined();
  });

  it("is not read out of an image's name", () => {
    const name = "r.example/401/x509/no-signatures/429:unexpected-eof";
    const message = `failed to pull and unpack image "${name}": failed to resolve reference "${name}": out of luck`;
    expect(pullCause(new PodbusError({ code: "UNKNOWN", message }))).toBeUndefined();
  });
});
