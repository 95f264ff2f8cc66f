import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPluginConfig } from "./read-plugin-config.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-plugins-"));
});
afterAll(() => rm(directory, { recursive: true }));

const ecr = {
  name: "ecr",
  matchImages: ["*.dkr.ecr.*.amazonaws.example"],
  defaultCacheDuration: "12h",
  apiVersion: "credentialprovider.kubelet.k8s.io/v1",
};

async function read(value: object | string) {
  const file = join(directory, "config.yaml");
  await writeFile(file, typeof value === "string" ? value : JSON.stringify(value));
  return readPluginConfig(file);
}
const configOf = (...providers: object[]) => ({
  apiVersion: "kubelet.config.k8s.io/v1",
  kind: "CredentialProviderConfig",
  providers,
});

describe("CredentialProviderConfig", () => {
  it("is read, YAML too", async () => {
    const yaml = `
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ecr
    matchImages: ["*.dkr.ecr.*.amazonaws.example"]
    defaultCacheDuration: "12h"
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [get-credentials]
    env: [{name: AWS_PROFILE, value: team}]
`;
    expect(await read(yaml)).toEqual([
      {
        name: "ecr",
        matchImages: ["*.dkr.ecr.*.amazonaws.example"],
        defaultCacheMs: 43_200_000,
        apiVersion: "credentialprovider.kubelet.k8s.io/v1",
        args: ["get-credentials"],
        env: { AWS_PROFILE: "team" },
      },
    ]);
  });

  it.each<[string, object | string, string]>([
    ["no YAML", "{", "not YAML"],
    ["another kind", { ...configOf(ecr), kind: "Pod" }, "kind: "],
    ["no providers", configOf(), "providers: at least 1 item in plugins is required"],
    ["one name twice", configOf(ecr, ecr), 'providers.1.name: Duplicate value: "ecr"'],
    ["a name with a slash", configOf({ ...ecr, name: "../sh" }), "provider name cannot contain '/'"],
    ["a name with a space", configOf({ ...ecr, name: "a b" }), "provider name cannot contain spaces"],
    ["a name that is a directory", configOf({ ...ecr, name: "." }), "provider name cannot be '.'"],
    ["a name that is another directory", configOf({ ...ecr, name: ".." }), "provider name cannot be '..'"],
    ["no name", configOf({ ...ecr, name: undefined }), "providers.0.name: provider name is required"],
    ["a star for a port", configOf({ ...ecr, matchImages: ["r.example:*"] }), "matchImages.0: match image is invalid"],
    ["no version", configOf({ ...ecr, apiVersion: undefined }), "providers.0.apiVersion: supported values"],
    ["no images", configOf({ ...ecr, matchImages: [] }), "matchImages: at least 1 item in matchImages is required"],
    ["an image that is none", configOf({ ...ecr, matchImages: ["a b"] }), "matchImages.0: match image is invalid"],
    ["no duration", configOf({ ...ecr, defaultCacheDuration: undefined }), "defaultCacheDuration is required"],
    ["a negative duration", configOf({ ...ecr, defaultCacheDuration: "-1s" }), "must be greater than or equal to 0"],
    [
      "another version",
      configOf({ ...ecr, apiVersion: "credentialprovider.kubelet.k8s.io/v1alpha1" }),
      "supported values",
    ],
    ["what is not supported", configOf({ ...ecr, tokenAttributes: {} }), "tokenAttributes"],
  ])("refuses %s", async (_sentence, value, message) => {
    await expect(read(value)).rejects.toThrow(message);
  });

  it("says what cannot be read", () => {
    expect(() => readPluginConfig("/nonexistent")).toThrow("cannot be read: ENOENT");
  });
});
