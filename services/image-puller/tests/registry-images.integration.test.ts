import { buildIndex, dockerMediaTypes, type ImageTree, jsonBlob, type Platform, thisPlatform } from "@podbus/images";
import {
  type FaultProxy,
  ofBlobs,
  ofManifests,
  startContainerd,
  startFaultProxy,
  startRegistry,
  type TestContainerd,
  type TestRegistry,
} from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealPuller, startRealPuller } from "./real-puller-fixture.ts";
import { freshImage, reconfigured } from "./test-images.ts";

/** Kinds of images and of registries that a real containerd pulls from. */
const opened = new AsyncDisposableStack();
const users = { ada: "s3cret", bob: "other" };
let registry: TestRegistry;
let secured: TestRegistry;
/** Whose certificate the runtime was told wrong. Told none, containerd trusts any on 127.0.0.1. */
let suspect: TestRegistry;
let proxy: FaultProxy;
let containerd: TestContainerd;
let puller: RealPuller;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  secured = opened.use(await startRegistry({ tls: true, users }));
  proxy = opened.use(await startFaultProxy({ registryUrl: registry.url }));
  suspect = opened.use(await startRegistry({ tls: true }));
  const { certificatePem } = secured;
  const trustedRegistries = [secured, { host: suspect.host, certificatePem }];
  containerd = opened.use(await startContainerd({ trustedRegistries }));
  puller = opened.use(await startRealPuller(containerd));
});
afterAll(() => opened.disposeAsync());

/** The configuration's digest is what the runtime calls the image. */
function idOf(image: ImageTree): string {
  return JSON.parse(image.root.bytes.toString()).config.digest;
}

async function pulled(image: ImageTree, name: string) {
  const { name: whole } = await registry.push(image, name);
  const { updates, error } = await puller.ask({ image: whole });
  if (error) throw error;
  const last = updates.at(-1);
  return last?.case === "image" ? last.value : undefined;
}

const platform = (architecture: string, variant?: string): Platform => ({
  os: "linux",
  architecture,
  ...(variant ? { variant } : {}),
});
const foreign = () => freshImage({ platform: platform("s390x") });

describe("an image for several platforms", () => {
  const table: [string, (ours: ImageTree) => ImageTree][] = [
    [
      "picks ours, wherever it stands",
      (ours) => buildIndex([foreign(), freshImage({ platform: platform("riscv64") }), ours]),
    ],
    [
      "is not taken in by another operating system",
      (ours) => buildIndex([freshImage({ platform: { ...thisPlatform(), os: "windows" } }), ours]),
    ],
    ["may hold an index of its own", (ours) => buildIndex([buildIndex([foreign(), ours])])],
  ];
  it.each(table)("%s", async (sentence, indexWith) => {
    const ours = freshImage();
    const index = indexWith(ours);
    expect(await pulled(index, `shop/${sentence.replaceAll(/\W+/g, "-")}:1`)).toMatchObject({
      imageRef: idOf(ours),
      repoDigest: expect.stringContaining(index.root.descriptor.digest),
    });
  });

  it.runIf(process.arch === "x64")(
    "prefers the plain variant to one that not every machine of ours can run",
    async () => {
      const ours = freshImage();
      const faster = ["v4", "v3", "v2"].map((variant) => freshImage({ platform: platform("amd64", variant) }));
      expect(await pulled(buildIndex([...faster, ours]), "shop/variants:1")).toMatchObject({ imageRef: idOf(ours) });
    },
  );

  it.runIf(process.arch === "x64")(
    "with only a variant that not every machine of ours can run is refused",
    async () => {
      const { name } = await registry.push(
        buildIndex([freshImage({ platform: platform("amd64", "v4") })]),
        "shop/v4:1",
      );
      expect((await puller.ask({ image: name })).error?.message).toContain("no variant for this node's platform");
    },
  );

  it.each([
    ["without ours", () => buildIndex([foreign(), freshImage({ platform: platform("mips64le") })])],
    ["without any", () => buildIndex([])],
  ])("%s is refused with that reason", async (sentence, index) => {
    const { name } = await registry.push(index(), `shop/${sentence.replace(" ", "-")}:1`);
    expect((await puller.ask({ image: name })).error).toMatchObject({
      code: "NOT_FOUND",
      reason: "ErrImagePull",
      message: expect.stringMatching(
        / because the image has no variant for this node's platform: .*no match for platform/,
      ),
    });
  });

  it("in Docker's format is as good", async () => {
    const docker = freshImage({ types: dockerMediaTypes });
    const list = buildIndex(
      [freshImage({ types: dockerMediaTypes, platform: platform("s390x") }), docker],
      dockerMediaTypes,
    );
    expect(await pulled(list, "shop/manifest-list:1")).toMatchObject({ imageRef: idOf(docker) });
  });

  it("that is none: one manifest of a foreign platform is taken, as containerd takes it in Kubernetes", async () => {
    const image = foreign();
    expect(await pulled(image, "shop/foreign:1")).toMatchObject({ imageRef: idOf(image) });
  });
});

it("a manifest list whose entries are gone says what is missing", async () => {
  const gone = freshImage().root.descriptor;
  const index = jsonBlob(gone.mediaType.replace("manifest", "index"), {
    schemaVersion: 2,
    manifests: [gone],
  });
  proxy.inject({
    when: (request) => ofManifests(request) && request.path.endsWith("/1"),
    fault: { kind: "answer", status: 200, headers: headersOf(index), body: index.bytes },
  });
  expect((await puller.ask({ image: `${proxy.host}/shop/gone:1` })).error).toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("because the registry has no such part of it (404 Not Found)"),
  });
  proxy.heal();
});

function headersOf({ descriptor, bytes }: ReturnType<typeof jsonBlob>): Record<string, string> {
  const { mediaType, digest } = descriptor;
  return { "content-type": mediaType, "content-length": String(bytes.length), "docker-content-digest": digest };
}

describe("the policy Always", () => {
  it("asks for the digest at every start, and downloads nothing that is here", async () => {
    await registry.push(freshImage(), "shop/always:1");
    const image = `${proxy.host}/shop/always:1`;
    const ask = () => puller.ask({ image, pullPolicy: "Always" });
    await ask();
    proxy.takeRequests();
    for (let start = 1; start <= 3; start++) {
      const { updates, error } = await ask();
      expect(error).toBeUndefined();
      expect(updates.at(-1)).toMatchObject({ case: "image" });
      const requests = proxy.takeRequests();
      expect(requests.filter(ofBlobs)).toEqual([]);
      expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["HEAD /v2/shop/always/manifests/1"]);
    }
    expect((await puller.ask({ image })).error).toBeUndefined();
    expect(proxy.takeRequests()).toEqual([]);
  });

  it("fetches what is new of an image that moved, and only that", async () => {
    const before = freshImage();
    const image = `${proxy.host}/shop/moves:1`;
    await registry.push(before, "shop/moves:1");
    await puller.ask({ image });
    proxy.takeRequests();
    await registry.push(reconfigured(before), "shop/moves:1");
    expect((await puller.ask({ image, pullPolicy: "Always" })).error).toBeUndefined();
    const requests = proxy.takeRequests();
    expect(requests.filter(ofManifests).map(({ method }) => method)).toEqual(["HEAD", "GET"]);
    expect(requests.filter(ofBlobs)).toHaveLength(1);
  });

  it("fails while the registry does, though the image is here", async () => {
    await registry.push(freshImage(), "shop/strict:1");
    const image = `${proxy.host}/shop/strict:1`;
    await puller.ask({ image });
    proxy.inject({ when: ofManifests, fault: { kind: "answer", status: 503 } });
    expect((await puller.ask({ image, pullPolicy: "Always" })).error).toMatchObject({ reason: "RegistryUnavailable" });
    proxy.heal();
    puller.skip(10_000);
    expect((await puller.ask({ image, pullPolicy: "Always" })).error).toBeUndefined();
  });
});

describe("a registry with TLS and users", () => {
  const askAs = async (image: string, username: string, password: string) => {
    puller.addSecret(username, { host: secured.host, username, password });
    const answer = await puller.ask({ image, imagePullSecrets: [username], pullPolicy: "Always" });
    puller.skip(20_000);
    return answer;
  };

  it("gives an image to each of its users, and to nobody else", async () => {
    const { name } = await secured.push(freshImage(), "shop/secret:1");
    const refused = {
      code: "UNAUTHENTICATED",
      reason: "ErrImagePull",
      message: expect.stringContaining("because the registry wants credentials that it accepts (401 Unauthorized): "),
    };
    expect((await puller.ask({ image: name })).error).toMatchObject(refused);
    puller.skip(10_000);
    expect((await askAs(name, "ada", "wrong")).error).toMatchObject(refused);
    expect((await askAs(name, "ada", users.ada)).error).toBeUndefined();
    expect((await askAs(name, "bob", users.bob)).error).toBeUndefined();
  });

  it("is not trusted with another certificate than the runtime was told", async () => {
    const { name } = await suspect.push(freshImage(), "shop/app:1");
    expect((await puller.ask({ image: name })).error).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("because the registry's certificate is not trusted"),
    });
  });
});
