import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readEncryptionConfig } from "./encryption-config.ts";

const directory = mkdtempSync(join(tmpdir(), "podbus-encryption-"));
afterAll(() => rmSync(directory, { recursive: true }));

const secret = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64");
const key = (name: string, bytes = 32) => ({ name, secret: secret(bytes) });

function configWith(providers: unknown, resources: unknown = ["secrets"]) {
  return {
    kind: "EncryptionConfiguration",
    apiVersion: "apiserver.config.k8s.io/v1",
    resources: [{ resources, providers }],
  };
}

function read(content: unknown): unknown {
  const path = join(directory, "config.yaml");
  writeFileSync(path, typeof content === "string" ? content : stringify(content));
  try {
    return readEncryptionConfig("api-gateway", path);
  } catch (error) {
    return (error as Error).message.replace(`api-gateway: PODBUS_ENCRYPTION_CONFIG: ${path}: `, "");
  }
}

describe("an encryption configuration", () => {
  it("names keys in order, and identity", () => {
    const providers = [{ aesgcm: { keys: [key("new"), key("old", 16)] } }, { identity: {} }];
    expect(read(configWith(providers))).toEqual({
      rules: [
        {
          resources: ["secrets"],
          providers: [
            {
              kind: "aesgcm",
              keys: [
                { name: "new", secret: new Uint8Array(32).fill(7) },
                { name: "old", secret: new Uint8Array(16).fill(7) },
              ],
            },
            { kind: "identity" },
          ],
        },
      ],
    });
  });

  const provider = "resources.0.providers.0";
  it.each([
    {
      sentence: "no file of keys is quoted in an error",
      content: "kind: [hunter2",
      problem: "is not YAML",
    },
    {
      sentence: "a key of 5 bytes",
      content: configWith([{ aesgcm: { keys: [key("a", 5)] } }]),
      problem: `${provider}.aesgcm.keys.0.secret: must be 16, 24 or 32 bytes`,
    },
    {
      sentence: "two keys of one name",
      content: configWith([{ aesgcm: { keys: [key("a"), key("a")] } }]),
      problem: `${provider}.aesgcm: the keys' names must be unique`,
    },
    {
      sentence: "no keys",
      content: configWith([{ aesgcm: { keys: [] } }]),
      problem: `${provider}.aesgcm.keys: at least one key is required`,
    },
    {
      sentence: "a provider that podbus does not have",
      content: configWith([{ kms: { name: "a" } }]),
      problem: `${provider}: exactly one provider is required: aesgcm or identity`,
    },
    {
      sentence: "two providers in one",
      content: configWith([{ aesgcm: { keys: [key("a")] }, identity: {} }]),
      problem: `${provider}: exactly one provider is required: aesgcm or identity`,
    },
    {
      sentence: "other resources",
      content: configWith([{ identity: {} }], ["configmaps"]),
      problem: "resources.0.resources.0: podbus encrypts secrets only",
    },
  ])("refuses $sentence", ({ content, problem }) => {
    expect(read(content)).toBe(problem);
  });

  it("says which file cannot be read", () => {
    expect(() => readEncryptionConfig("api-gateway", "/nowhere/at/all")).toThrow(
      "api-gateway: PODBUS_ENCRYPTION_CONFIG: /nowhere/at/all: cannot be read: ENOENT",
    );
  });
});
