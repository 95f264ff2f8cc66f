import type { KubeObject } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { accountClaims, claimsFor, judgeClaims, type TokenSubject } from "./account-token.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const object = (name: string, uid: string, change: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "X",
  metadata: { name, namespace: "default", uid, ...change },
});
const ago = (seconds: number) => ({ deletionTimestamp: new Date(now - seconds * 1000).toISOString() });

const account = object("bot", "a-1");
const pod = object("web", "p-1");
const secret = object("s", "s-1");
const stored: Readonly<Record<string, KubeObject>> = {
  "serviceaccounts/default/bot": account,
  "pods/default/web": pod,
  "secrets/default/s": secret,
  "nodes//n1": object("n1", "n-1"),
};

type Change = Readonly<Record<string, KubeObject | undefined>>;

function judge(subject: TokenSubject, change: Change = {}, expiresInSeconds = 600) {
  const claims = accountClaims.parse({
    ...claimsFor(subject),
    aud: "api",
    jti: "id",
    exp: now / 1000 + expiresInSeconds,
  });
  const objects = { ...stored, ...change };
  return judgeClaims(claims, (resource, { namespace, name }) => objects[`${resource}/${namespace}/${name}`], now);
}

const good = expect.objectContaining({ kind: "user" });
const invalid = (problem: string) => ({ kind: "invalid", problem });
const gone = invalid("service account token has been invalidated");

describe("a token whose signature is good", () => {
  it("names its account, and what it is bound to", () => {
    expect(judge({ account, pod, node: { name: "n1", uid: "n-1" } })).toEqual({
      kind: "user",
      user: {
        name: "system:serviceaccount:default:bot",
        uid: "a-1",
        groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
        extra: {
          "authentication.kubernetes.io/credential-id": ["JTI=id"],
          "authentication.kubernetes.io/node-name": ["n1"],
          "authentication.kubernetes.io/node-uid": ["n-1"],
          "authentication.kubernetes.io/pod-name": ["web"],
          "authentication.kubernetes.io/pod-uid": ["p-1"],
        },
      },
    });
  });

  it.each<[string, TokenSubject, Change, number, unknown]>([
    ["stands while its account does", { account }, {}, 600, good],
    ["has expired", { account }, {}, -61, invalid("service account token has expired")],
    ["may have expired by a clock that differs", { account }, {}, -59, good],
    [
      "of an account that is gone",
      { account },
      { "serviceaccounts/default/bot": undefined },
      600,
      invalid('serviceaccounts "bot" not found'),
    ],
    [
      "of an account that has been made anew",
      { account },
      { "serviceaccounts/default/bot": object("bot", "a-2") },
      600,
      invalid("service account UID (a-2) does not match claim (a-1)"),
    ],
    [
      "of an account that has been being deleted for long",
      { account },
      { "serviceaccounts/default/bot": object("bot", "a-1", ago(61)) },
      600,
      invalid("service account default/bot has been deleted"),
    ],
    [
      "of an account that is just being deleted",
      { account },
      { "serviceaccounts/default/bot": object("bot", "a-1", ago(59)) },
      600,
      good,
    ],
    ["of a pod that is gone", { account, pod }, { "pods/default/web": undefined }, 600, gone],
    ["of another pod of that name", { account, pod }, { "pods/default/web": object("web", "p-2") }, 600, gone],
    ["of a secret that is gone", { account, secret }, { "secrets/default/s": undefined }, 600, gone],
    ["of a node that is there", { account, node: { name: "n1", uid: "n-1" } }, {}, 600, good],
    ["of a node that is gone", { account, node: { name: "n1", uid: "n-1" } }, { "nodes//n1": undefined }, 600, gone],
    [
      "of a pod whose node is gone",
      { account, pod, node: { name: "n1", uid: "n-1" } },
      { "nodes//n1": undefined },
      600,
      good,
    ],
  ])("%s", (_sentence, subject, change, expiresInSeconds, expected) => {
    expect(judge(subject, change, expiresInSeconds)).toEqual(expected);
  });
});
