import { context, trace } from "@opentelemetry/api";
import { FakeClock } from "@podbus/clock";
import { FakeCri } from "@podbus/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryRecords } from "../src/access/memory-records.ts";
import { type Answer, type Ask, type Fixture, startFixture } from "./image-puller-fixture.ts";

let puller: Fixture;
beforeEach(async () => {
  puller = await startFixture();
});
afterEach(() => puller[Symbol.asyncDispose]());

/** Lets everything settle that needs no time. */
const settled = async <T>(answer: Promise<T>): Promise<T> => {
  await puller.clock.step(0);
  const value = await answer;
  await puller.clock.step(0);
  return value;
};

const imageOf = ({ updates }: Answer) => {
  const last = updates.at(-1);
  return last?.case === "image" ? last.value : undefined;
};
const positionsOf = ({ updates }: Answer) =>
  updates.flatMap((update) => (update.case === "progress" ? [update.value.queuePosition] : []));

describe("an image that is here", () => {
  it("is used without a pull, however often it is asked for", async () => {
    const stored = puller.cri.addImage("app:1", { size: 4_711 });
    for (let time = 0; time < 2; time++) {
      expect(imageOf(await settled(puller.ask()))).toMatchObject({
        imageRef: stored.id,
        repoDigest: stored.repoDigests[0],
        alreadyPresent: true,
        sizeBytes: 4_711n,
        pullMs: 0,
      });
    }
    expect(puller.cri.callsOf("pullImage")).toEqual([]);
    const text = 'Normal Pulled: Container image "app:1" already present on machine';
    expect(puller.events()).toEqual([text, text]);
    expect(puller.spans.spans({ name: "pull image" })).toEqual([]);
  });

  it("is resolved again with the policy Always", async () => {
    puller.cri.addImage("app:1");
    const remote = puller.cri.addRemoteImage("app:1");
    expect(imageOf(await settled(puller.ask({ pullPolicy: "Always" })))).toMatchObject({
      imageRef: remote.id,
      alreadyPresent: false,
    });
    expect(puller.cri.callsOf("pullImage")).toHaveLength(1);
  });
});

describe("an image that is pulled", () => {
  it("is asked for by its full name, and told with size and time", async () => {
    const remote = puller.cri.addRemoteImage("app:1", { size: 1_234 });
    puller.cri.delay("pullImage", 1_500);
    const answer = puller.ask();
    await puller.clock.step(1_500);
    const done = await settled(answer);
    expect(positionsOf(done)).toEqual([0]);
    expect(imageOf(done)).toMatchObject({ imageRef: remote.id, sizeBytes: 1_234n, pullMs: 1_500, waitedMs: 0 });
    expect(puller.cri.callsOf("pullImage")).toMatchObject([
      { image: { image: "docker.io/library/app:1", userSpecifiedImage: "app:1" } },
    ]);
    expect(puller.events()).toEqual([
      'Normal Pulling: Pulling image "app:1"',
      'Normal Pulled: Successfully pulled image "app:1" in 1.5s (1.5s including waiting). Image size: 1234 bytes.',
    ]);
    expect(puller.records[0]).toMatchObject({
      apiVersion: "v1",
      kind: "Pod",
      namespace: "shop",
      name: "web",
      uid: "u-1",
      fieldPath: "spec.containers{main}",
      component: "kubelet",
    });
    expect(puller.logged.filter(({ step }) => step === "pull")).toMatchObject([
      { phase: "begin", image: "app:1", pod: "shop/web" },
      { phase: "end", image: "app:1", pod: "shop/web" },
    ]);
  });

  it("is pulled once for two calls at a time, and each pod is told", async () => {
    puller.cri.addRemoteImage("app:1");
    puller.cri.delay("pullImage", 1_000);
    const both = Promise.all([
      puller.ask({ uid: "u-1" }),
      puller.ask({ uid: "u-2", image: "docker.io/library/app:1" }),
    ]);
    await puller.clock.step(1_000);
    const [first, second] = await settled(both);
    expect(imageOf(first)?.imageRef).toBe(imageOf(second)?.imageRef);
    expect(puller.cri.callsOf("pullImage")).toHaveLength(1);
    expect(puller.events().filter((event) => event.includes("Successfully pulled"))).toHaveLength(2);
  });

  it("goes on for the others when one call is cancelled", async () => {
    puller.cri.addRemoteImage("app:1");
    puller.cri.delay("pullImage", 1_000);
    const leaving = new AbortController();
    const left = puller.ask({ uid: "u-1" }, leaving.signal);
    const stayed = puller.ask({ uid: "u-2" });
    await puller.clock.step(500);
    leaving.abort();
    expect((await settled(left)).error).toMatchObject({ code: "CANCELLED" });
    await puller.clock.step(500);
    expect(imageOf(await settled(stayed))).toBeDefined();
    expect(puller.cri.callsOf("pullImage")).toHaveLength(1);
  });

  it("shows as a span under the call, with the image and its bytes", async () => {
    puller.cri.addRemoteImage("app:1", { size: 1_234 });
    const parent = puller.spans.tracer("pod-lifecycle").startSpan("pull main");
    await context.with(trace.setSpan(context.active(), parent), () => settled(puller.ask()));
    parent.end();
    expect(puller.spans.edges(parent.spanContext().traceId)).toEqual([
      "image-puller:ImagePuller.EnsureImage → pod-lifecycle:pull main",
      "image-puller:pull image → image-puller:ImagePuller.EnsureImage",
      "pod-lifecycle:pull main",
    ]);
    expect(puller.spans.spans({ name: "pull image" })[0]?.attributes).toEqual({
      image: "app:1",
      bytes: 1_234,
      shared: false,
    });
  });
});

describe("a pull that fails", () => {
  const notFound = 'failed to resolve reference "docker.io/library/app:1": not found';
  const message = `image pull failed for app:1 because the registry has no such image (404 Not Found): ${notFound}`;

  it("is told with its cause, then waited out, then tried again", async () => {
    const failed = await settled(puller.ask());
    expect(failed.error).toMatchObject({
      code: "NOT_FOUND",
      reason: "ErrImagePull",
      message: `${message} (attempt 1, next try at 2026-01-01T00:00:10Z)`,
      retryAfterMs: 10_000,
    });
    expect(puller.events()).toEqual([
      'Normal Pulling: Pulling image "app:1"',
      `Warning Failed: Failed to pull image "app:1": rpc error: code = NotFound desc = ${notFound}`,
      "Warning Failed: Error: ErrImagePull",
    ]);
    await puller.clock.step(4_000);
    const waiting = await settled(puller.ask());
    expect(waiting.error).toMatchObject({
      reason: "ImagePullBackOff",
      message: `Back-off pulling image "app:1": ErrImagePull: ${message} (attempt 1, next try at 2026-01-01T00:00:10Z)`,
      retryAfterMs: 6_000,
    });
    expect(puller.events()).toEqual([
      'Normal BackOff: Back-off pulling image "app:1"',
      "Warning Failed: Error: ImagePullBackOff",
    ]);
    await puller.clock.step(6_000);
    expect((await settled(puller.ask())).error).toMatchObject({ reason: "ErrImagePull", retryAfterMs: 20_000 });
    expect(puller.cri.callsOf("pullImage")).toHaveLength(2);
  });

  it("recovers when the image appears, and forgets the failures", async () => {
    await settled(puller.ask());
    puller.cri.addRemoteImage("app:1");
    await puller.clock.step(10_000);
    expect(imageOf(await settled(puller.ask()))).toBeDefined();
    puller.cri.removeRemoteImage("app:1");
    expect((await settled(puller.ask({ pullPolicy: "Always" }))).error).toMatchObject({ retryAfterMs: 10_000 });
  });

  it("counts once for two calls of one pod, and keeps pods apart", async () => {
    puller.cri.delay("pullImage", 100);
    const same = Promise.all([puller.ask({ uid: "u-1" }), puller.ask({ uid: "u-1" })]);
    await puller.clock.step(100);
    for (const { error } of await settled(same)) expect(error).toMatchObject({ retryAfterMs: 10_000 });
    expect((await settled(puller.ask({ uid: "u-2" }))).error).toMatchObject({
      reason: "ErrImagePull",
      retryAfterMs: 10_000,
    });
  });

  it("because the registry cannot be reached has its own reason", async () => {
    const cause = 'failed to do request: Head "http://r.example": dial tcp 10.0.0.1:80: connect: connection refused';
    puller.cri.fail("pullImage", { code: "UNKNOWN", message: cause });
    const { error } = await settled(puller.ask());
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "RegistryUnavailable", retryAfterMs: 10_000 });
    expect(error?.message).toBe(
      `image pull failed for app:1 because the registry is unavailable: ${cause} (attempt 1, next try at 2026-01-01T00:00:10Z)`,
    );
  });

  it("because the runtime is away starts no back-off", async () => {
    puller.cri.addRemoteImage("app:1");
    puller.cri.fail("pullImage", { code: "UNAVAILABLE", message: "container runtime: PullImage: connection dropped" });
    expect((await settled(puller.ask())).error).toMatchObject({
      code: "UNAVAILABLE",
      reason: "ErrImagePull",
      retryAfterMs: 1_000,
    });
    expect(imageOf(await settled(puller.ask()))).toBeDefined();
  });

  it("because it takes too long is ended", async () => {
    puller.cri.addRemoteImage("app:1");
    puller.cri.delay("pullImage", 3_600_000);
    const answer = puller.ask();
    await puller.clock.step(600_000);
    expect((await settled(answer)).error).toMatchObject({ code: "DEADLINE_EXCEEDED", reason: "ErrImagePull" });
  });
});

describe("what is refused", () => {
  it("a malformed reference", async () => {
    const message =
      'Failed to apply default image tag "app:": couldn\'t parse image reference "app:": invalid reference format';
    const { error } = await settled(puller.ask({ image: "app:" }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", reason: "InvalidImageName", message });
    expect(puller.events()).toEqual([`Warning InspectFailed: ${message}`, "Warning Failed: Error: InvalidImageName"]);
  });

  it("an absent image with the policy Never", async () => {
    const message = 'Container image "app:1" is not present with pull policy of Never';
    const { error } = await settled(puller.ask({ pullPolicy: "Never" }));
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", reason: "ErrImageNeverPull", message });
    expect(puller.events()).toEqual([
      `Warning ErrImageNeverPull: ${message}`,
      "Warning Failed: Error: ErrImageNeverPull",
    ]);
  });

  it("an image that the runtime cannot look up", async () => {
    puller.cri.fail("imageStatus", { code: "INTERNAL", message: "disk full" });
    const { error } = await settled(puller.ask());
    expect(error).toMatchObject({
      code: "INTERNAL",
      reason: "ImageInspectError",
      message: 'Failed to inspect image "app:1": disk full',
    });
  });

  it("an image of a runtime that is away, to be asked for again soon", async () => {
    puller.cri.fail("imageStatus", { code: "UNAVAILABLE", message: "container runtime: ImageStatus: is down" });
    const { error } = await settled(puller.ask());
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "ImageInspectError", retryAfterMs: 1_000 });
  });

  it.each([
    [
      "an unknown policy",
      { pullPolicy: "Sometimes" },
      'pull_policy: "Sometimes" is none of Always, IfNotPresent, Never',
    ],
    ["no pod", { uid: "" }, "pod: namespace, name and uid are required"],
    ["no container", { containerName: "" }, "container_name: required"],
  ])("%s", async (_sentence, wish, message) => {
    expect((await settled(puller.ask(wish))).error).toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});

describe("many pulls", () => {
  it("wait for their turn and hear their position", async () => {
    await puller[Symbol.asyncDispose]();
    puller = await startFixture({ PODBUS_SERIALIZE_IMAGE_PULLS: "true" });
    const names = ["a:1", "b:1", "c:1"];
    for (const name of names) puller.cri.addRemoteImage(name);
    puller.cri.delay("pullImage", 1_000, { times: 3 });
    const all = Promise.all(names.map((image) => puller.ask({ image, uid: `u-${image}` })));
    await puller.clock.step(3_000);
    const answers = await settled(all);
    expect(answers.map(positionsOf)).toEqual([[0], [1, 0], [2, 1, 0]]);
    expect(answers.map((answer) => imageOf(answer)?.waitedMs)).toEqual([0, 1_000, 2_000]);
    expect(puller.events().at(-1)).toContain('Successfully pulled image "c:1" in 1s (3s including waiting).');
  });

  it("of one pod are done one after the other, and the pod's calls hear it; other pods do not wait", async () => {
    const names = ["a:1", "b:1", "c:1"];
    for (const name of [...names, "d:1"]) puller.cri.addRemoteImage(name);
    puller.cri.delay("pullImage", 1_000, { times: 4 });
    const own = Promise.all(names.map((image) => puller.ask({ image, containerName: image })));
    const other = puller.ask({ image: "d:1", uid: "u-2" });
    await puller.clock.step(0);
    expect(puller.cri.callsOf("pullImage")).toMatchObject([
      { image: { image: "docker.io/library/a:1" } },
      { image: { image: "docker.io/library/d:1" } },
    ]);
    await puller.clock.step(3_000);
    expect(positionsOf(await settled(other))).toEqual([0]);
    expect((await settled(own)).map(positionsOf)).toEqual([[0], [1, 0], [2, 1, 0]]);
  });

  it("of one node do not wait for those of another, however serialized", async () => {
    const serialized = { PODBUS_SERIALIZE_IMAGE_PULLS: "true" };
    await using one = await startFixture(serialized);
    await using other = await startFixture(serialized);
    const answers = [one, other].map(({ cri, ask }) => {
      cri.addRemoteImage("app:1");
      cri.delay("pullImage", 1_000);
      return ask();
    });
    for (const { clock } of [one, other]) await clock.step(0);
    for (const { cri } of [one, other]) expect(cri.callsOf("pullImage")).toHaveLength(1);
    for (const { clock } of [one, other]) await clock.step(1_000);
    expect((await Promise.all(answers)).map(positionsOf)).toEqual([[0], [0]]);
  });

  it("let a small image by when all that run are large, and say so", async () => {
    await puller[Symbol.asyncDispose]();
    puller = await startFixture({ PODBUS_MAX_PARALLEL_IMAGE_PULLS: "2" });
    const names = ["huge:1", "huge:2", "small:1", "small:2"];
    for (const name of names) puller.cri.addRemoteImage(name);
    puller.cri.delay("pullImage", 300_000, { times: 2 });
    puller.cri.delay("pullImage", 1_000, { times: 2 });
    const [huge, , small, next] = names.map((image, index) => puller.ask({ image, uid: `u-${index}` }));
    await puller.clock.step(10_000);
    expect(puller.cri.callsOf("pullImage")).toHaveLength(3);
    await puller.clock.step(1_000);
    expect(small && positionsOf(await settled(small))).toEqual([1, 0]);
    await puller.clock.step(1_000);
    expect(next && positionsOf(await settled(next))).toEqual([2, 1, 0]);
    await puller.clock.step(288_000);
    expect(huge && imageOf(await settled(huge))).toMatchObject({ pullMs: 300_000, waitedMs: 0 });
  });
});

describe("ListImages", () => {
  it("names the images of the node, digests first", async () => {
    const stored = puller.cri.addImage("app:1", { size: 42 });
    const list = puller.client.listImages({});
    await puller.clock.step(0);
    expect((await list).images).toMatchObject([
      { names: [stored.repoDigests[0], "docker.io/library/app:1"], sizeBytes: 42n },
    ]);
  });
});

describe("an image that is here, and was pulled with a Secret of another pod", () => {
  const image = { image: "app:1", pullPolicy: "IfNotPresent" };
  let secured: Fixture;
  let imageRef: string;

  beforeEach(async () => {
    const probe = new FakeCri({ clock: new FakeClock() });
    imageRef = probe.addImage("app:1").id;
    const kubernetesSecrets = [{ namespace: "a", name: "a", uid: "a", credentialHash: "a" }];
    const access = { "docker.io/library/app": { nodePodsAccessible: false, kubernetesSecrets } };
    const records = [{ imageRef, lastUpdatedMs: 0, access }];
    const store = { ...memoryRecords(), load: async () => ({ records, unreadable: [], intents: [] }) };
    secured = await startFixture({}, { records: store });
    secured.cri.addImage("app:1");
  });
  afterEach(() => secured[Symbol.asyncDispose]());

  const asked = async (wish: Ask) => {
    const answer = secured.ask(wish);
    await secured.clock.step(0);
    return answer;
  };

  it("is pulled, so that the registry says whether this pod may have it, and is then for everybody", async () => {
    secured.cri.addRemoteImage("app:1");
    expect(imageOf(await asked(image))).toMatchObject({ imageRef, alreadyPresent: false });
    expect(imageOf(await asked({ ...image, uid: "u-2" }))).toMatchObject({ imageRef, alreadyPresent: true });
    expect(secured.cri.callsOf("pullImage")).toHaveLength(1);
  });

  it("is refused as the registry refuses it, and waited out", async () => {
    expect((await asked(image)).error).toMatchObject({ reason: "ErrImagePull", code: "NOT_FOUND" });
    expect((await asked(image)).error).toMatchObject({ reason: "ImagePullBackOff" });
  });

  it("is absent for the policy Never", async () => {
    const { error } = await asked({ ...image, pullPolicy: "Never" });
    expect(error).toMatchObject({ reason: "ErrImageNeverPull" });
    expect(secured.cri.callsOf("pullImage")).toEqual([]);
  });
});

describe("runtime handlers", () => {
  it.each([
    ["one pull serves them all, and the runtime hears of none", {}, [""]],
    [
      "with RuntimeClassInImageCriApi each has a pull of its own",
      { PODBUS_FEATURE_GATES: "RuntimeClassInImageCriApi=true" },
      ["runc", "kata"],
    ],
  ])("%s", async (_sentence, env: Record<string, string>, handlers) => {
    await using fixture = await startFixture(env);
    fixture.cri.addRemoteImage("app:1");
    const answers = ["runc", "kata"].map((runtimeHandler, index) =>
      fixture.ask({ runtimeHandler, uid: `u-${index}`, pullPolicy: "Always" }),
    );
    await fixture.clock.step(0);
    for (const answer of await Promise.all(answers)) expect(imageOf(answer)).toBeDefined();
    const expected = handlers.map((runtimeHandler) => ({ image: { runtimeHandler } }));
    expect(fixture.cri.callsOf("pullImage")).toMatchObject(expected);
  });

  it.each([
    ["an image is looked up whatever the handler", "false", ""],
    ["with RuntimeClassInImageCriApi an image is looked up for its handler", "true", "kata"],
  ])("%s", async (_sentence, gate, runtimeHandler) => {
    await using fixture = await startFixture({ PODBUS_FEATURE_GATES: `RuntimeClassInImageCriApi=${gate}` });
    fixture.cri.addImage("app:1");
    const answer = fixture.ask({ runtimeHandler: "kata" });
    await fixture.clock.step(0);
    expect(imageOf(await answer)).toMatchObject({ alreadyPresent: true });
    expect(fixture.cri.callsOf("imageStatus")).toMatchObject([{ image: { runtimeHandler } }]);
  });
});

describe("images of one pod", () => {
  it("are pulled one after the other, however many may be pulled at a time", async () => {
    const names = ["a:1", "b:1"];
    for (const name of names) puller.cri.addRemoteImage(name);
    puller.cri.delay("pullImage", 1_000, { times: 2 });
    const all = Promise.all(names.map((image) => puller.ask({ image })));
    await puller.clock.step(999);
    expect(puller.cri.callsOf("pullImage")).toHaveLength(1);
    await puller.clock.step(1_001);
    const [first, second] = await settled(all);
    expect([first && positionsOf(first), second && positionsOf(second)]).toEqual([[0], [1, 0]]);
    expect(puller.cri.callsOf("pullImage")).toHaveLength(2);
  });
});
