import { gzipSync } from "node:zlib";
import { type ImageTree, packTar } from "@podbus/images";
import {
  eventually,
  eventuallyPasses,
  type FaultProxy,
  type FaultRule,
  freePort,
  ofBlobs,
  ofDigest,
  ofManifests,
  redirect,
  registryError,
  type SeenRequest,
  startContainerd,
  startFaultProxy,
  startRegistry,
  type TestContainerd,
  type TestRegistry,
  tokenChallenge,
} from "@podbus/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RealPuller, startRealPuller } from "./real-puller-fixture.ts";
import { freshImage, layerOf, withBlob } from "./test-images.ts";

/** A real containerd pulls from a real registry, through a proxy that does wrong. */
const opened = new AsyncDisposableStack();
let registry: TestRegistry;
let proxy: FaultProxy;
/** Another host: nothing of ours has any business there. */
let stranger: FaultProxy;
let containerd: TestContainerd;
let puller: RealPuller;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  proxy = opened.use(await startFaultProxy({ registryUrl: registry.url }));
  stranger = opened.use(await startFaultProxy({ address: "127.0.0.2" }));
  // What is sent to any host but those on this machine goes to the stranger instead.
  containerd = opened.use(await startContainerd({ env: { HTTP_PROXY: stranger.url, NO_PROXY: "no.invalid" } }));
  puller = opened.use(await startRealPuller(containerd, { PODBUS_IMAGE_PULL_TIMEOUT: "2s" }));
});
afterAll(() => opened.disposeAsync());
afterEach(() => {
  proxy.heal();
  stranger.heal();
  proxy.takeRequests();
  stranger.takeRequests();
  puller.events();
});

let lastImage = 0;

/** Uploads past the proxy; the name leads through it. */
async function pushed(image: ImageTree = freshImage()): Promise<string> {
  const repositoryAndTag = `shop/app-${++lastImage}:1`;
  await registry.push(image, repositoryAndTag);
  return `${proxy.host}/${repositoryAndTag}`;
}

async function eventsOf(count: number): Promise<string[]> {
  const events: string[] = [];
  await eventually(() => events.push(...puller.events()) >= count);
  return events;
}

async function nothingUnfinished(): Promise<void> {
  await eventuallyPasses(async () => expect(await containerd.unfinishedPulls()).toEqual([]));
}

interface Case {
  /** The fault, for an image. */
  readonly rule: (image: ImageTree) => FaultRule;
  readonly code: string;
  readonly reason?: string;
  /** In our words. */
  readonly because: string;
  /** In the runtime's. */
  readonly words: string;
}

const manifests = (fault: FaultRule["fault"]) => (): FaultRule => ({ when: ofManifests, fault });
const blobs = (fault: FaultRule["fault"]) => (): FaultRule => ({ when: ofBlobs, fault });
const layer =
  (fault: FaultRule["fault"]) =>
  (image: ImageTree): FaultRule => ({
    when: ofDigest(layerOf(image).descriptor.digest),
    fault,
  });
const fetchedManifests = (request: SeenRequest) => ofManifests(request) && request.method === "GET";

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = ~(copy[middle] ?? 0) & 0xff;
  return copy;
}

const unavailable = { code: "UNAVAILABLE", reason: "RegistryUnavailable", because: "the registry is unavailable" };
const unauthorized = {
  code: "UNAUTHENTICATED",
  because: "the registry wants credentials that it accepts (401 Unauthorized)",
};
const forbidden = { code: "PERMISSION_DENIED", because: "the registry does not allow it (403 Forbidden)" };
const tooMany = {
  code: "RESOURCE_EXHAUSTED",
  because: "the registry got too many requests (429 Too Many Requests)",
};
const truncated = { code: "DATA_LOSS", because: "the registry sent less than it announced (truncated)" };
const tooLong = {
  code: "DEADLINE_EXCEEDED",
  because: "it took longer than allowed and was ended",
  words: "PullImage did not answer within 2000 ms",
};
const retryAfter = { "retry-after": "30" };

const cases: Record<string, Case> = {
  "a manifest that needs credentials": {
    rule: manifests(registryError(401, "UNAUTHORIZED", "authentication required")),
    ...unauthorized,
    words: "401 Unauthorized",
  },
  "a manifest that needs a password, and there is none": {
    rule: manifests({ kind: "answer", status: 401, headers: { "www-authenticate": 'Basic realm="shop"' } }),
    ...unauthorized,
    words: "no basic auth credentials",
  },
  "a manifest that is forbidden": {
    rule: manifests(registryError(403, "DENIED", "access denied")),
    ...forbidden,
    words: "403 Forbidden",
  },
  "a manifest that is not there": {
    rule: manifests(registryError(404, "MANIFEST_UNKNOWN", "manifest unknown")),
    code: "NOT_FOUND",
    because: "the registry has no such image (404 Not Found)",
    words: ": not found",
  },
  "too many requests": {
    rule: manifests({ kind: "answer", status: 429, headers: retryAfter }),
    ...tooMany,
    words: "429 Too Many Requests",
  },
  "a broken registry": {
    rule: manifests(registryError(500, "UNKNOWN", "out of order")),
    ...unavailable,
    words: "500 Internal Server Error",
  },
  "a registry that closes connections": { rule: manifests({ kind: "drop" }), ...unavailable, words: ": EOF" },
  "a registry that never answers": { rule: manifests({ kind: "hang" }), ...tooLong },
  "a manifest under a wrong digest": {
    rule: () => ({ when: fetchedManifests, fault: { kind: "alter", body: flipped } }),
    code: "DATA_LOSS",
    because: "the registry sent a manifest with another digest than it announced",
    words: "unexpected commit digest",
  },
  "a manifest of schema 1": {
    rule: manifests({
      kind: "answer",
      status: 200,
      headers: { "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws" },
      body: JSON.stringify({ schemaVersion: 1, name: "shop/app", tag: "1", fsLayers: [], history: [] }),
    }),
    code: "UNIMPLEMENTED",
    because: "the image is in Docker's old format schema 1, which is not supported",
    words: "no signatures",
  },
  "a layer that is forbidden": {
    rule: blobs(registryError(403, "DENIED", "no")),
    ...forbidden,
    words: "403 Forbidden",
  },
  "a layer that is not there": {
    rule: blobs(registryError(404, "BLOB_UNKNOWN", "blob unknown")),
    code: "NOT_FOUND",
    because: "the registry has no such part of it (404 Not Found)",
    words: "could not fetch content descriptor",
  },
  "too many requests for layers": {
    rule: blobs({ kind: "answer", status: 429, headers: retryAfter }),
    ...tooMany,
    words: "429 Too Many Requests",
  },
  "layers that never come": { rule: blobs({ kind: "hang" }), ...tooLong },
  "a layer that comes too slowly": {
    rule: layer({ kind: "slow", chunkBytes: 1_000, everyMs: 100 }),
    ...tooLong,
  },
  "a truncated layer": { rule: layer({ kind: "cut", afterBytes: 0 }), ...truncated, words: "unexpected EOF" },
  "a layer that is shorter than its announced length": {
    rule: layer({ kind: "alter", body: (bytes) => bytes.subarray(0, 0) }),
    ...truncated,
    words: "unexpected EOF",
  },
  "a layer whose announced length is too short": {
    rule: layer({ kind: "alter", headers: { "content-length": "10" } }),
    ...truncated,
    words: "unexpected EOF",
  },
  "a corrupted layer": {
    rule: layer({ kind: "alter", body: flipped }),
    code: "DATA_LOSS",
    because: "a layer arrived corrupted, with another digest",
    words: "unexpected commit digest",
  },
  "a corrupted configuration": {
    rule: (image) => ({
      when: ofDigest(image.blobs.at(-1)?.descriptor.digest ?? ""),
      fault: { kind: "alter", body: flipped },
    }),
    code: "DATA_LOSS",
    because: "the image's configuration arrived corrupted, with another digest",
    words: "unexpected commit digest",
  },
};

describe("a pull fails with its own cause, and the next one succeeds, for", () => {
  it.for(Object.entries(cases))("%s", async ([, { rule, code, reason = "ErrImagePull", because, words }]) => {
    const content = freshImage();
    const image = await pushed(content);
    proxy.inject(rule(content));
    const { error } = await puller.ask({ image });
    expect(error).toMatchObject({ code, reason, retryable: true });
    expect(error?.retryAfterMs).toBeGreaterThan(9_000);
    expect(error?.message).toMatch(/ \(attempt 1, next try at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)$/);
    expect(error?.message).toContain(`image pull failed for ${image} because ${because}: `);
    expect(error?.message).toContain(words);
    expect(await eventsOf(3)).toEqual([
      `Normal Pulling: Pulling image "${image}"`,
      expect.stringMatching(`^Warning Failed: Failed to pull image "${image}": rpc error: code = \\w+ desc = `),
      `Warning Failed: Error: ${reason}`,
    ]);
    await eventuallyPasses(() => expect(proxy.open).toBe(0));
    await nothingUnfinished();

    proxy.heal();
    expect((await puller.ask({ image })).error?.reason).toBe("ImagePullBackOff");
    puller.skip(10_000);
    expect((await puller.ask({ image })).error).toBeUndefined();
    expect((await eventsOf(4)).slice(2)).toEqual([
      `Normal Pulling: Pulling image "${image}"`,
      expect.stringContaining(`Normal Pulled: Successfully pulled image "${image}" in `),
    ]);
  });

  it("a host where nobody listens, and a token service where nobody does", async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    expect((await puller.ask({ image: `${nobody}/app:1` })).error).toMatchObject({ reason: "RegistryUnavailable" });
    proxy.inject({ when: ofManifests, fault: tokenChallenge(`http://${nobody}/token`) });
    expect((await puller.ask({ image: await pushed() })).error).toMatchObject({
      reason: "RegistryUnavailable",
      message: expect.stringContaining("failed to fetch anonymous token"),
    });
  });

  it("a token that is given and never accepted: asked a few times only", async () => {
    stranger.inject({ fault: { kind: "answer", status: 200, body: '{"token":"t-1"}' } });
    proxy.inject({ when: ofManifests, fault: tokenChallenge(`${stranger.url}/token`) });
    expect((await puller.ask({ image: await pushed() })).error).toMatchObject({ code: "UNAUTHENTICATED" });
    const asked = proxy.takeRequests();
    expect(asked.at(-1)?.authorization).toBe("token t-1");
    expect(asked.length).toBeLessThan(10);
  });
});

describe("an image that is broken in the registry itself", () => {
  const tar = packTar([{ kind: "file", path: "other", content: "other" }]);
  const broken: [string, ImageTree, string, string][] = [
    [
      "a layer that is no gzip and no tar",
      withBlob(freshImage(), "layer", Buffer.from("neither gzip nor tar\n".repeat(100))),
      "a layer cannot be unpacked",
      "failed to extract layer",
    ],
    [
      "a gzip that breaks off",
      withBlob(freshImage(), "layer", layerOf(freshImage()).bytes.subarray(0, 50_000)),
      "a layer cannot be unpacked",
      "failed to extract layer",
    ],
    [
      "a layer with another content",
      withBlob(freshImage(), "layer", gzipSync(tar)),
      "a layer's content is not the one that the image's configuration names",
      "wrong diff id calculated on extraction",
    ],
  ];
  it.each(broken)("%s", async (_sentence, content, because, words) => {
    const image = await pushed(content);
    const { error } = await puller.ask({ image });
    expect(error).toMatchObject({ code: "DATA_LOSS", reason: "ErrImagePull" });
    expect(error?.message).toContain(`because ${because}: `);
    expect(error?.message).toContain(words);
    await registry.push(freshImage(), image.slice(image.indexOf("/") + 1));
    puller.skip(10_000);
    expect((await puller.ask({ image })).error).toBeUndefined();
  });
});

describe("what is no failure", () => {
  it("a layer that breaks off again and again: the runtime goes on where it stopped", async () => {
    const content = freshImage({}, 100_000);
    const image = await pushed(content);
    proxy.inject({ when: ofDigest(layerOf(content).descriptor.digest), fault: { kind: "cut", afterBytes: 40_000 } });
    expect((await puller.ask({ image })).error).toBeUndefined();
    expect(proxy.takeRequests().filter(ofDigest(layerOf(content).descriptor.digest)).length).toBeGreaterThan(2);
  });

  it("too many requests for a moment: the runtime asks again by itself", async () => {
    proxy.inject({ when: ofManifests, times: 2, fault: { kind: "answer", status: 429, headers: retryAfter } });
    expect((await puller.ask({ image: await pushed() })).error).toBeUndefined();
  });
});

it("others are served while a pull hangs", async () => {
  const good = await registry.push(freshImage(), "shop/good:1");
  proxy.inject({ when: ofManifests, fault: { kind: "hang" } });
  const hanging = puller.ask({ image: await pushed() });
  await eventually(() => proxy.open === 1);
  expect((await puller.ask({ image: good.name, uid: "u-2" })).error).toBeUndefined();
  expect(proxy.open).toBe(1);
  expect((await hanging).error?.code).toBe("DEADLINE_EXCEEDED");
});

describe("hosts that a registry sends us to", () => {
  const basic: FaultRule["fault"] = {
    kind: "answer",
    status: 401,
    headers: { "www-authenticate": 'Basic realm="shop"' },
  };
  const withoutPassword = (request: SeenRequest) => ofManifests(request) && request.authorization === "";
  const askWithPassword = (image: string) => {
    puller.addSecret("mine", { host: proxy.host, username: "ada", password: "s3cret" });
    return puller.ask({ image, imagePullSecrets: ["mine"] });
  };

  it("a layer elsewhere: fetched from there, without the registry's credentials", async () => {
    const content = freshImage();
    const image = await pushed(content);
    const { descriptor, bytes } = layerOf(content);
    proxy.inject({ when: withoutPassword, fault: basic });
    proxy.inject({ when: ofDigest(descriptor.digest), fault: redirect(`${stranger.url}/bucket/layer`) });
    stranger.inject({ fault: { kind: "answer", status: 200, body: bytes } });
    expect((await askWithPassword(image)).error).toBeUndefined();
    expect(proxy.takeRequests().map(({ authorization }) => authorization)).toContain("user ada");
    expect(stranger.takeRequests()).toMatchObject([{ path: "/bucket/layer", authorization: "" }]);
  });

  it("a layer elsewhere that asks for a password there: it gets none", async () => {
    const content = freshImage();
    const image = await pushed(content);
    proxy.inject({ when: withoutPassword, fault: basic });
    proxy.inject({
      when: ofDigest(layerOf(content).descriptor.digest),
      fault: redirect(`${stranger.url}/bucket/layer`),
    });
    stranger.inject({ fault: basic });
    expect((await askWithPassword(image)).error).toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining("no basic auth credentials"),
    });
    const asked = stranger.takeRequests();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.map(({ authorization }) => authorization)).not.toContain("user ada");
  });

  it("a token service elsewhere, named by the registry: the one other host that is given the password", async () => {
    const content = freshImage();
    const image = await pushed(content);
    proxy.inject({ when: withoutPassword, fault: tokenChallenge(`${stranger.url}/token`) });
    proxy.inject({
      when: ofDigest(layerOf(content).descriptor.digest),
      fault: redirect(`${stranger.url}/bucket/layer`),
    });
    stranger.inject({ fault: { kind: "answer", status: 200, body: layerOf(content).bytes } });
    stranger.inject({
      when: ({ path }) => path === "/token",
      fault: { kind: "answer", status: 200, body: JSON.stringify({ token: "t-1", access_token: "t-1" }) },
    });
    expect((await askWithPassword(image)).error).toBeUndefined();
    const told = stranger.takeRequests().map(({ path, authorization }) => `${path} ${authorization}`.trim());
    expect(new Set(told)).toEqual(new Set(["/token user ada", "/bucket/layer"]));
    expect(proxy.takeRequests().map(({ authorization }) => authorization)).not.toContain("user ada");
  });

  /** The runtime does follow; only a proxy or a firewall of the node's can hinder it. Here it is sent to the stranger. */
  it("a link-local address: followed by the runtime without credentials, and what it says is no layer", async () => {
    const content = freshImage();
    const image = await pushed(content);
    proxy.inject({
      when: ofDigest(layerOf(content).descriptor.digest),
      fault: redirect("http://169.254.169.254/latest/meta-data/"),
    });
    stranger.inject({ fault: { kind: "answer", status: 200, body: "a secret of the machine" } });
    const { error } = await puller.ask({ image });
    expect(error).toMatchObject({ code: "DATA_LOSS", reason: "ErrImagePull" });
    expect(error?.message).not.toContain("a secret of the machine");
    // Once, or again for what is missing at the end of so short a layer.
    const asked = stranger.takeRequests().map(({ host, authorization }) => `${host} ${authorization}`.trim());
    expect(new Set(asked)).toEqual(new Set(["169.254.169.254"]));
    await nothingUnfinished();
    proxy.heal();
    puller.skip(10_000);
    expect((await puller.ask({ image })).error).toBeUndefined();
  });

  it("an address that is a pass by itself: nowhere told", async () => {
    const image = await pushed();
    proxy.inject({ when: ofBlobs, fault: redirect(`${stranger.url}/layer?Expires=1&Signature=s3cret`) });
    stranger.inject({ fault: { kind: "drop" } });
    const { error } = await puller.ask({ image });
    expect(error).toMatchObject({ reason: "RegistryUnavailable" });
    expect(error?.message).toContain(`${stranger.url}/layer?Expires=[REDACTED]&Signature=[REDACTED]`);
    expect((await eventsOf(3)).join("\n")).not.toContain("s3cret");
  });

  it("round and round: ended", async () => {
    proxy.inject({ when: ofBlobs, fault: redirect(`${proxy.url}/v2/shop/blobs/round`) });
    expect((await puller.ask({ image: await pushed() })).error).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("because the registry redirects again and again: "),
    });
  });
});
