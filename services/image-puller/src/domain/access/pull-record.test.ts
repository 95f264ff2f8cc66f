import { describe, expect, it } from "vitest";
import type { RegistryCredential } from "../credentials/registry-credential.ts";
import {
  accessBy,
  credentialHash,
  type PullRecord,
  type PullSecret,
  pullSecretsOf,
  type RecordedAccess,
  withAccess,
} from "./pull-record.ts";

const ofNode: RegistryCredential = { username: "u", password: "p", source: { kind: "node", name: "config.json" } };
const ofSecret: RegistryCredential = {
  ...ofNode,
  source: { kind: "secret", namespace: "shop", name: "pull", uid: "u-1" },
};
const secret: PullSecret = { namespace: "shop", name: "pull", uid: "u-1", credentialHash: "h1" };
const bySecrets = (...kubernetesSecrets: PullSecret[]): RecordedAccess => ({
  nodePodsAccessible: false,
  kubernetesSecrets,
});
const byAll: RecordedAccess = { nodePodsAccessible: true, kubernetesSecrets: [] };

describe("what a pull shows", () => {
  const table: [string, RegistryCredential | undefined, RecordedAccess][] = [
    ["without a credential: anybody may have it", undefined, byAll],
    ["with the node's: every pod of the node may have it", ofNode, byAll],
    ["with a Secret's: whoever has that", ofSecret, bySecrets({ ...secret, credentialHash: credentialHash(ofSecret) })],
  ];
  it.each(table)("%s", (_sentence, credential, expected) => {
    expect(accessBy(credential)).toEqual(expected);
  });

  it("of a pod's credentials only those of Secrets are its own", () => {
    expect(pullSecretsOf([ofNode, ofSecret])).toHaveLength(1);
  });

  it("a hash tells credentials apart, wherever they come from, and tells nothing of them", () => {
    expect(credentialHash(ofNode)).toBe(credentialHash(ofSecret));
    const others: Partial<RegistryCredential>[] = [
      { username: "v" },
      { password: "q" },
      { username: "up", password: "" },
      { identityToken: "p" },
      { registryToken: "p" },
    ];
    const hashes = others.map((other) => credentialHash({ ...ofNode, ...other }));
    expect(new Set([...hashes, credentialHash(ofNode)]).size).toBe(6);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("withAccess", () => {
  const record = (access: PullRecord["access"]): PullRecord => ({ imageRef: "sha256:1", lastUpdatedMs: 1, access });
  const other: PullSecret = { ...secret, namespace: "other" };
  const table: [string, PullRecord | undefined, RecordedAccess | undefined, PullRecord["access"] | "unchanged"][] = [
    ["the first access", undefined, bySecrets(secret), { app: bySecrets(secret) }],
    ["a pull whose credentials are unknown is recorded without any", undefined, undefined, {}],
    ["and adds nothing to a record", record({ app: byAll }), undefined, "unchanged"],
    ["under another name beside the first", record({ old: byAll }), byAll, { old: byAll, app: byAll }],
    ["another Secret", record({ app: bySecrets(secret) }), bySecrets(other), { app: bySecrets(other, secret) }],
    ["the same Secret", record({ app: bySecrets(secret) }), bySecrets({ ...secret }), "unchanged"],
    [
      "the same Secret with another credential",
      record({ app: bySecrets(secret) }),
      bySecrets({ ...secret, credentialHash: "h2" }),
      { app: bySecrets({ ...secret, credentialHash: "h2" }) },
    ],
    ["what anybody may have needs no Secrets any more", record({ app: bySecrets(secret) }), byAll, { app: byAll }],
    ["and none is added to it", record({ app: byAll }), bySecrets(secret), "unchanged"],
  ];
  it.each(table)("%s", (_sentence, known, access, expected) => {
    const after = withAccess(known, { imageRef: "sha256:1", repository: "app", access }, 2);
    if (expected === "unchanged") expect(after).toBe(known);
    else expect(after).toEqual({ imageRef: "sha256:1", lastUpdatedMs: 2, access: expected });
  });
});
