import { describe, expect, it } from "vitest";
import { parseAllowedImages, requiresVerification, type VerificationPolicy } from "./verification-policy.ts";

describe("parseAllowedImages", () => {
  const good: [string, object][] = [
    ["r.example/team/app", { kind: "repository", name: "r.example/team/app" }],
    ["127.0.0.1:5000/app", { kind: "repository", name: "127.0.0.1:5000/app" }],
    ["r.example/team/*", { kind: "below", prefix: "r.example/team/" }],
    ["r.example/*", { kind: "below", prefix: "r.example/" }],
  ];
  it.each(good)("%s", (pattern, images) => {
    expect(parseAllowedImages(pattern)).toEqual({ ok: true, images });
  });

  const bad: [string, string][] = [
    ["", "the supplied pattern is too short: "],
    [" r.example/app", "leading/trailing spaces are not allowed:  r.example/app"],
    ["*", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: *"],
    ["r.example/te*", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: r.example/te*"],
    ["r.example/*/app", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: r.example/*/app"],
    ["/*", "at least registry hostname is required"],
    [
      "r.example/App",
      "failed to parse as an image name: invalid reference format: repository name (App) must be lowercase",
    ],
    ["r.example/app:1", "neither tag nor digest is accepted in an image reference: r.example/app:1"],
    ["app", "neither tag nor digest is accepted in an image reference: app"],
  ];
  it.each(bad)("refuses %j", (pattern, message) => {
    expect(parseAllowedImages(pattern)).toEqual({ ok: false, message });
  });
});

describe("requiresVerification", () => {
  const listed: VerificationPolicy = {
    kind: "NeverVerifyAllowlistedImages",
    allowlist: [
      { kind: "repository", name: "r.example/app" },
      { kind: "below", prefix: "r.example/team/" },
    ],
  };
  const table: [string, VerificationPolicy, repository: string, pulledByUs: boolean, expected: boolean][] = [
    ["NeverVerify: an image that we pulled", { kind: "NeverVerify" }, "r.example/x", true, false],
    [
      "NeverVerifyPreloadedImages: one that was here before",
      { kind: "NeverVerifyPreloadedImages" },
      "r.example/x",
      false,
      false,
    ],
    [
      "NeverVerifyPreloadedImages: one that we pulled",
      { kind: "NeverVerifyPreloadedImages" },
      "r.example/x",
      true,
      true,
    ],
    ["NeverVerifyAllowlistedImages: one on the list", listed, "r.example/app", true, false],
    ["NeverVerifyAllowlistedImages: one below a listed path", listed, "r.example/team/deep/x", false, false],
    [
      "NeverVerifyAllowlistedImages: one whose name only begins like a listed one",
      listed,
      "r.example/apple",
      false,
      true,
    ],
    ["NeverVerifyAllowlistedImages: one beside a listed path", listed, "r.example/teams/x", false, true],
    ["AlwaysVerify: one that was here before", { kind: "AlwaysVerify" }, "r.example/x", false, true],
  ];
  it.each(table)("%s", (_sentence, policy, repository, pulledByUs, expected) => {
    expect(requiresVerification(policy, repository, pulledByUs)).toBe(expected);
  });
});
