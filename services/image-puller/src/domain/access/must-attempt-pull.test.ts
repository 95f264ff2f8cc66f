import { describe, expect, it } from "vitest";
import { type AccessDecision, type AccessQuestion, mustAttemptPull } from "./must-attempt-pull.ts";
import type { PullSecret, RecordedAccess } from "./pull-record.ts";

const secret: PullSecret = { namespace: "shop", name: "pull", uid: "u-1", credentialHash: "h1" };
const repository = "r.example/app";
const found = (access: Partial<RecordedAccess>, of = repository): AccessQuestion["lookup"] => ({
  kind: "found",
  record: {
    imageRef: "sha256:1",
    lastUpdatedMs: 0,
    access: { [of]: { nodePodsAccessible: false, kubernetesSecrets: [], ...access } },
  },
});
const base: AccessQuestion = {
  policy: { kind: "NeverVerifyPreloadedImages" },
  repository,
  lookup: { kind: "none" },
  intended: false,
  podSecrets: [],
};
const full = Array.from({ length: 100 }, (_, index) => ({ ...secret, uid: `u-${index}`, credentialHash: `h${index}` }));

const use: AccessDecision = { mustPull: false };
const pull: AccessDecision = { mustPull: true };
const learn = (learned: PullSecret): AccessDecision => ({ mustPull: false, learn: learned });

describe("mustAttemptPull", () => {
  const table: [string, Partial<AccessQuestion>, AccessDecision][] = [
    ["an image that was here before", {}, use],
    ["the same where everything is verified", { policy: { kind: "AlwaysVerify" } }, pull],
    ["an image whose pull was begun and never recorded", { intended: true }, pull],
    ["an image whose record cannot be read", { lookup: { kind: "unreadable" } }, pull],
    ["the same where nothing is verified", { lookup: { kind: "unreadable" }, policy: { kind: "NeverVerify" } }, use],
    [
      "the same on the list of images that are not verified",
      {
        lookup: { kind: "unreadable" },
        policy: { kind: "NeverVerifyAllowlistedImages", allowlist: [{ kind: "repository", name: repository }] },
      },
      pull,
    ],
    ["an image that anybody may pull", { lookup: found({ nodePodsAccessible: true }) }, use],
    ["the same, pulled by another name", { lookup: found({ nodePodsAccessible: true }, "r.example/other") }, pull],
    ["an image pulled with what nobody knows", { lookup: found({}) }, pull],
    ["a private image, and a pod without Secrets", { lookup: found({ kubernetesSecrets: [secret] }) }, pull],
    [
      "a private image where nothing is verified",
      { lookup: found({ kubernetesSecrets: [secret] }), policy: { kind: "NeverVerify" } },
      use,
    ],
    [
      "a private image, and the Secret that pulled it",
      { lookup: found({ kubernetesSecrets: [secret] }), podSecrets: [secret] },
      use,
    ],
    [
      "the Secret that pulled it, beside another one",
      {
        lookup: found({ kubernetesSecrets: [secret] }),
        podSecrets: [{ ...secret, uid: "x", credentialHash: "x" }, secret],
      },
      use,
    ],
    [
      "the same credential in the Secret of another namespace is learned",
      { lookup: found({ kubernetesSecrets: [secret] }), podSecrets: [{ ...secret, namespace: "other", uid: "u-2" }] },
      learn({ ...secret, namespace: "other", uid: "u-2" }),
    ],
    [
      "the same Secret with a rotated credential is learned",
      { lookup: found({ kubernetesSecrets: [secret] }), podSecrets: [{ ...secret, credentialHash: "h2" }] },
      learn({ ...secret, credentialHash: "h2" }),
    ],
    [
      "a Secret of the same name that was made anew",
      { lookup: found({ kubernetesSecrets: [secret] }), podSecrets: [{ ...secret, uid: "u-2", credentialHash: "h2" }] },
      pull,
    ],
    [
      "hashes that are both absent are not the same",
      {
        lookup: found({ kubernetesSecrets: [{ ...secret, credentialHash: "" }] }),
        podSecrets: [{ ...secret, uid: "u-2", credentialHash: "" }],
      },
      pull,
    ],
    [
      "the same credential is not learned where a hundred Secrets are recorded",
      {
        lookup: found({ kubernetesSecrets: full }),
        podSecrets: [{ ...secret, namespace: "other", credentialHash: "h7" }],
      },
      use,
    ],
    [
      "a rotated credential is not trusted there",
      { lookup: found({ kubernetesSecrets: full }), podSecrets: [{ ...secret, uid: "u-7", credentialHash: "new" }] },
      pull,
    ],
  ];
  it.each(table)("%s", (_sentence, mutation, expected) => {
    expect(mustAttemptPull({ ...base, ...mutation })).toEqual(expected);
  });
});
