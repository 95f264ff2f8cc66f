import { describe, expect, it } from "vitest";
import { lookUpCredentials } from "./keyring.ts";

/** Credentials named by the place that they are for. */
const sourceOf = (name: string, ...places: string[]) => ({
  source: { kind: "node" as const, name },
  entries: new Map(places.map((place) => [place, { username: `${name} ${place}`, password: "x" }])),
});
const found = (repository: string, ...sources: ReturnType<typeof sourceOf>[]) =>
  lookUpCredentials(sources, repository).map(({ username }) => username);

describe("credentials for an image", () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    ["the most specific first", "r.io/a/b/app", ["r.io", "r.io/a/b", "r.io/a"], ["r.io/a/b", "r.io/a", "r.io"]],
    ["only those that match", "r.io/a/app", ["r.io/b", "r.io/a", "q.io"], ["r.io/a"]],
    ["globs too", "eu.r.io/app", ["*.r.io", "eu.r.io"], ["eu.r.io", "*.r.io"]],
    [
      "a scheme and docker's own paths do not count",
      "r.io/app",
      ["https://r.io/v1/", "http://r.io/v2/"],
      ["https://r.io/v1/", "http://r.io/v2/"],
    ],
    ["what follows docker's own paths does", "r.io/other/app", ["https://r.io/v1/team"], []],
    [
      "Docker Hub has its old name",
      "docker.io/library/busybox",
      ["https://index.docker.io/v1/"],
      ["https://index.docker.io/v1/"],
    ],
    ["and its own", "docker.io/library/busybox", ["docker.io", "index.docker.io"], ["docker.io"]],
    ["which is nobody else's", "r.io/library/busybox", ["https://index.docker.io/v1/"], []],
    ["a place that is none is passed over", "r.io/app", ["not a place", "r.io"], ["r.io"]],
  ])("%s", (_sentence, repository, places, expected) => {
    expect(found(repository, sourceOf("n", ...places))).toEqual(expected.map((place) => `n ${place}`));
  });

  it("of one place keep the order of their sources", () => {
    expect(found("r.io/app", sourceOf("b", "r.io"), sourceOf("a", "r.io", "r.io/app"))).toEqual([
      "a r.io/app",
      "b r.io",
      "a r.io",
    ]);
  });
});
