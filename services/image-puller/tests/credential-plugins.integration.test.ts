import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startContainerd, startRegistry, type TestContainerd, type TestRegistry } from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startRealPuller } from "./real-puller-fixture.ts";
import { freshImage } from "./test-images.ts";

/** A plugin from the node's configuration, a real containerd, and a registry that wants a password. */
const opened = new AsyncDisposableStack();
let registry: TestRegistry;
let containerd: TestContainerd;
let dir: string;

beforeAll(async () => {
  registry = opened.use(await startRegistry({ tls: true, users: { ada: "s3cret" } }));
  containerd = opened.use(await startContainerd({ trustedRegistries: [registry] }));
  dir = await mkdtemp(join(tmpdir(), "podbus-plugins-"));
  opened.defer(() => rm(dir, { recursive: true }));
});
afterAll(() => opened.disposeAsync());

const apiVersion = "credentialprovider.kubelet.k8s.io/v1";

async function configure(...names: string[]): Promise<Record<string, string>> {
  const shared = { matchImages: [registry.host], defaultCacheDuration: "1h", apiVersion };
  const providers = names.map((name) => ({ name, ...shared }));
  const config = { apiVersion: "kubelet.config.k8s.io/v1", kind: "CredentialProviderConfig", providers };
  const configFile = join(dir, "config.yaml");
  await writeFile(configFile, JSON.stringify(config));
  return { PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: configFile, PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: dir };
}

it("opens a private registry with what a plugin knows, asked once for all its images", {
  timeout: 60_000,
}, async () => {
  const auth = { [registry.host]: { username: "ada", password: "s3cret" } };
  const answer = { kind: "CredentialProviderResponse", apiVersion, cacheKeyType: "Registry", auth };
  await writeFile(join(dir, "good"), `#!/bin/sh\ncat >> ${dir}/asked\necho '${JSON.stringify(answer)}'\n`);
  await chmod(join(dir, "good"), 0o755);
  await using puller = await startRealPuller(containerd, await configure("absent", "good"));
  const { name } = await registry.push(freshImage(), "shop/one:1");
  const { name: other } = await registry.push(freshImage(), "shop/two:1");
  for (const image of [name, other]) {
    const { updates, error } = await puller.ask({ image });
    expect(error).toBeUndefined();
    expect(updates.at(-1)).toMatchObject({ case: "image" });
  }
  const request = { kind: "CredentialProviderRequest", apiVersion, image: `${registry.host}/shop/one` };
  expect(JSON.parse(await readFile(join(dir, "asked"), "utf8"))).toEqual(request);
});

it("says what a plugin did where the registry stays closed", { timeout: 60_000 }, async () => {
  await using puller = await startRealPuller(containerd, await configure("absent"));
  const { name: image } = await registry.push(freshImage(), "shop/three:1");
  const { error } = await puller.ask({ image });
  expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "ErrImagePull" });
  expect(error?.message).toContain(
    "; no credentials from credential provider plugin absent: there is no such program (attempt 1,",
  );
});
