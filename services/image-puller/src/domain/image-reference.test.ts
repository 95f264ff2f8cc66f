import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseImageReference } from "./image-reference.ts";

const sha256 = `sha256:${"a1".repeat(32)}`;

function canonical(text: string): string {
  const parsed = parseImageReference(text);
  return parsed.ok ? parsed.reference.canonical : `refused: ${parsed.message}`;
}

describe("a reference is completed as containerd stores it", () => {
  it.each([
    ["a one-part name is Docker's own library, latest", "busybox", "docker.io/library/busybox:latest"],
    ["a tag is kept", "busybox:1.36", "docker.io/library/busybox:1.36"],
    ["a two-part name is on Docker Hub", "grafana/loki", "docker.io/grafana/loki:latest"],
    ["the Docker Hub host may be named", "docker.io/busybox", "docker.io/library/busybox:latest"],
    ["the old Docker Hub host is the same", "index.docker.io/a/b:1", "docker.io/a/b:1"],
    ["a dot makes the first part a registry", "quay.example/app", "quay.example/app:latest"],
    ["a port makes the first part a registry", "registry:5000/app:v1", "registry:5000/app:v1"],
    ["an address with a port is a registry", "127.0.0.1:5000/team/app", "127.0.0.1:5000/team/app:latest"],
    ["localhost is a registry without dot or port", "localhost/app", "localhost/app:latest"],
    ["an upper-case first part is a registry", "Registry/app", "Registry/app:latest"],
    ["an IPv6 registry is in brackets", "[fd00::1]:5000/app", "[fd00::1]:5000/app:latest"],
    ["a one-part name with a colon has a tag, not a port", "app:5000", "docker.io/library/app:5000"],
    ["a digest needs no tag", `busybox@${sha256}`, `docker.io/library/busybox@${sha256}`],
    ["a digest beats a tag", `busybox:1.36@${sha256}`, `docker.io/library/busybox@${sha256}`],
    ["sha512 digests work", `a@sha512:${"0".repeat(128)}`, `docker.io/library/a@sha512:${"0".repeat(128)}`],
    ["separators inside a part", "x/a.b_c__d--e", "docker.io/x/a.b_c__d--e:latest"],
    ["an architecture at its end is part of the name", "r.example/pause-amd64:3.9", "r.example/pause-amd64:3.9"],
    ["deep paths", "r.example/a/b/c/d:t", "r.example/a/b/c/d:t"],
    ["a tag may begin with an underscore and hold capitals", "a:_Rc.1-X", "docker.io/library/a:_Rc.1-X"],
    ["128 characters of tag", `a:${"t".repeat(128)}`, `docker.io/library/a:${"t".repeat(128)}`],
    ["255 characters of name", `r.example/${"p".repeat(245)}`, `r.example/${"p".repeat(245)}:latest`],
  ])("%s", (_sentence, text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

describe("a malformed reference is refused in Kubernetes' words", () => {
  const format = "refused: invalid reference format";
  it.each([
    ["nothing", "", format],
    ["a space", "busy box", format],
    ["a leading separator", "-busybox", format],
    ["a trailing separator", "busybox_", format],
    ["three underscores", "a___b", format],
    ["two dots", "a..b", format],
    ["an empty part", "a//b", format],
    ["a trailing slash", "a/", format],
    ["a leading slash", "/a", format],
    ["an empty tag", "busybox:", format],
    ["two tags", "busybox:1:2", format],
    ["a tag beginning with a dot", "busybox:.1", format],
    ["a tag beginning with a dash", "busybox:-1", format],
    ["a tag with another character", "busybox:1+2", format],
    ["a tag of 129 characters", `a:${"t".repeat(129)}`, format],
    ["a non-numeric port", "registry:port/app", format],
    ["a scheme", "https://registry.example/app", format],
    ["a digest that is too short to be one", "busybox@sha256:abc", format],
    ["a line break after a good reference", "busybox\n", format],
    ["capitals", "r.example/BusyBox", "refused: invalid reference format: repository name (BusyBox) must be lowercase"],
    [
      "capitals in a one-part name",
      "BusyBox:1",
      "refused: invalid reference format: repository name (library/BusyBox) must be lowercase",
    ],
    ["an unknown digest algorithm", `a@md5:${"0".repeat(32)}`, "refused: unsupported digest algorithm"],
    ["a digest of the wrong length", `a@sha256:${"0".repeat(63)}`, "refused: invalid checksum digest length"],
    ["a digest in capitals", `a@sha256:${"A".repeat(64)}`, "refused: invalid checksum digest format"],
    [
      "a bare image id",
      "a".repeat(64),
      `refused: invalid repository name (${"a".repeat(64)}), cannot specify 64-byte hexadecimal strings`,
    ],
    [
      "256 characters of name",
      `r.example/${"p".repeat(246)}`,
      "refused: repository name must not be more than 255 characters",
    ],
    ["a hostile length", "a-".repeat(100_000), "refused: repository name must not be more than 255 characters"],
  ])("%s", (_sentence, text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

describe("properties", () => {
  it("never throws, and a canonical reference parses to itself", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.:/@_-]{1,60}$/)), (text) => {
        const parsed = parseImageReference(text);
        if (parsed.ok) expect(canonical(parsed.reference.canonical)).toBe(parsed.reference.canonical);
      }),
      { numRuns: 2_000 },
    );
  });
});
