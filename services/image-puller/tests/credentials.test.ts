import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import type { RegistryCredential } from "../src/domain/credentials/registry-credential.ts";
import { type Answer, type Fixture, startFixture } from "./image-puller-fixture.ts";

let puller: Fixture;
afterEach(() => puller[Symbol.asyncDispose]());

const password = "correct horse battery staple";
const image = "r.example/team/app:1";
const right = { username: "jane", password };
const wrong = { username: "jane", password: "guess" };

type Login = typeof right;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const authsOf = (places: Record<string, Login>) =>
  Object.fromEntries(
    Object.entries(places).map(([place, { username, password: secret }]) => [
      place,
      { auth: base64(`${username}:${secret}`) },
    ]),
  );
const secretWith = (name: string, type: string, key: string, config: object) => ({
  metadata: { namespace: "shop", name, uid: `uid-${name}` },
  type,
  data: { [key]: base64(JSON.stringify(config)) },
});
/** With a login for each of these places. */
const secretFor = (name: string, places: Record<string, Login>) =>
  secretWith(name, "kubernetes.io/dockerconfigjson", ".dockerconfigjson", { auths: authsOf(places) });
const secretOf = (name: string, login: Login) => secretFor(name, { "r.example": login });
const nodeHas = (...credentials: Login[]) => ({
  credentials: [
    {
      credentialsFor: async () =>
        credentials.map((each): RegistryCredential => ({ ...each, source: { kind: "node", name: "config.json" } })),
    },
  ],
});

async function start(parts: Parameters<typeof startFixture>[1] = {}): Promise<void> {
  puller = await startFixture({}, parts);
  puller.cri.addRemoteImage(image, { requires: right });
}
async function ask(
  imagePullSecrets: string[] = [],
  more: { uid?: string; pullPolicy?: string; image?: string } = {},
): Promise<Answer> {
  const answer = puller.ask({ image, imagePullSecrets, ...more });
  for (let turn = 0; turn < 3; turn += 1) await puller.clock.step(0);
  return answer;
}
const isPulled = ({ updates }: Answer) => updates.at(-1)?.case === "image";
const tried = () => puller.cri.callsOf("pullImage").map((call) => (call as { auth?: object }).auth);

describe("a private image", () => {
  it("is not given to nobody, and the failure says so", async () => {
    await start();
    expect((await ask()).error).toMatchObject({
      reason: "ErrImagePull",
      message: expect.stringContaining("401 Unauthorized"),
    });
    expect(tried()).toEqual([undefined]);
  });

  it("is pulled with a Secret of the pod, sent to the image's registry only", async () => {
    await start();
    puller.secrets.set("mine", secretOf("mine", right));
    expect(isPulled(await ask(["mine"]))).toBe(true);
    expect(tried()).toMatchObject([{ ...right, serverAddress: "https://r.example" }]);
  });

  it("is pulled with what the node has, for every pod", async () => {
    await start(nodeHas(right));
    expect(isPulled(await ask())).toBe(true);
  });

  it.each([
    ["kubernetes.io/dockerconfigjson", ".dockerconfigjson", { auths: authsOf({ "r.example": right }) }],
    ["kubernetes.io/dockercfg", ".dockercfg", authsOf({ "r.example": right })],
  ])("is pulled with a Secret of type %s", async (type, key, config) => {
    await start();
    puller.secrets.set("mine", secretWith("mine", type, key, config));
    expect(isPulled(await ask(["mine"]))).toBe(true);
    expect(tried()).toMatchObject([right]);
  });

  it("is pulled with that of several Secrets which is for its registry, and the others are not sent there", async () => {
    await start();
    const other = { username: "joe", password: "another" };
    puller.cri.addRemoteImage("q.example/app:1", { requires: other });
    puller.secrets.set("r", secretFor("r", { "r.example": right }));
    puller.secrets.set("q", secretFor("q", { "q.example": other }));
    expect(isPulled(await ask(["r", "q"]))).toBe(true);
    expect(isPulled(await ask(["r", "q"], { image: "q.example/app:1" }))).toBe(true);
    expect(tried()).toMatchObject([right, other]);
  });

  it("is tried with each entry whose path it is below, the longest first", async () => {
    await start();
    const elsewhere = { username: "eve", password: "x" };
    const places = { "r.example": elsewhere, "r.example/team": right, "r.example/team/app": wrong };
    puller.secrets.set("mine", secretFor("mine", { ...places, "r.example/other": elsewhere }));
    expect(isPulled(await ask(["mine"]))).toBe(true);
    expect(tried()).toMatchObject([wrong, right]);
  });

  it("is tried with everything there is, the pod's own first, until one is right", async () => {
    await start(nodeHas(right));
    puller.secrets.set("old", secretOf("old", wrong));
    expect(isPulled(await ask(["old"]))).toBe(true);
    expect(tried()).toMatchObject([wrong, right]);
  });

  it("that nothing opens tells every failure once", async () => {
    await start(nodeHas(wrong, { username: "bob", password: "x" }));
    const { error } = await ask();
    expect(tried()).toHaveLength(2);
    expect(error?.message.match(/: 401 Unauthorized/g)).toHaveLength(1);
  });

  it("that is tried with many credentials takes no longer than one pull may", async () => {
    await start(nodeHas(wrong, { username: "bob", password: "x" }, { username: "eve", password: "y" }));
    puller.cri.delay("pullImage", 400_000, { times: 3 });
    const answer = puller.ask({ image });
    for (let turn = 0; turn < 4; turn += 1) await puller.clock.step(200_000);
    // 400 s for the first, the 200 s that are left for the second.
    expect((await answer).error?.message).toMatch(
      /401 Unauthorized, pullImage: no answer\] \(attempt 1, next try at 2026-01-01T00:10:1\dZ\)$/,
    );
  });

  it("is pulled on the next try once the Secret is right", async () => {
    await start();
    puller.secrets.set("mine", secretOf("mine", wrong));
    expect((await ask(["mine"])).error).toMatchObject({ reason: "ErrImagePull" });
    puller.secrets.set("mine", secretOf("mine", right));
    await puller.clock.step(10_000);
    expect(isPulled(await ask(["mine"]))).toBe(true);
  });

  it("that one pod may have is not given to another that may not", async () => {
    await start();
    puller.secrets.set("mine", secretOf("mine", right));
    expect(isPulled(await ask(["mine"], { uid: "u-1" }))).toBe(true);
    expect((await ask([], { uid: "u-2" })).error).toMatchObject({ reason: "ErrImagePull" });
    puller.secrets.set("theirs", secretOf("theirs", wrong));
    expect((await ask(["theirs"], { uid: "u-3" })).error).toMatchObject({ reason: "ErrImagePull" });
    // It is here, and this pod has shown that it may have it: nobody is asked.
    const before = tried().length;
    expect(isPulled(await ask(["mine"], { uid: "u-4" }))).toBe(true);
    expect(tried()).toHaveLength(before);
  });

  it("is not shared by pulls at the same time with other credentials", async () => {
    await start();
    puller.secrets.set("mine", secretOf("mine", right));
    puller.cri.delay("pullImage", 1_000);
    const both = [puller.ask({ image, imagePullSecrets: ["mine"], uid: "u-1" }), puller.ask({ image, uid: "u-2" })];
    for (let turn = 0; turn < 4; turn += 1) await puller.clock.step(1_000);
    const [first, second] = await Promise.all(both);
    expect(first && isPulled(first)).toBe(true);
    expect(second?.error).toMatchObject({ reason: "ErrImagePull" });
  });
});

it("a public image is asked for as nobody, whatever credentials there are for other registries", async () => {
  await start();
  puller.cri.addRemoteImage("app:1");
  puller.secrets.set("mine", secretOf("mine", right));
  expect(isPulled(await ask(["mine"], { image: "app:1" }))).toBe(true);
  expect(tried()).toEqual([undefined]);
});

describe("Secrets", () => {
  it("that are not there are told of, and the pull goes on without", async () => {
    await start(nodeHas(right));
    expect(isPulled(await ask(["gone", "lost"]))).toBe(true);
    await puller.clock.step(0);
    expect(puller.events()).toContain(
      "Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.",
    );
  });

  it("of another type hold nothing for a pull", async () => {
    await start();
    puller.secrets.set("tls", { ...secretOf("tls", right), type: "Opaque" });
    expect((await ask(["tls"])).error).toMatchObject({ reason: "ErrImagePull" });
    expect(tried()).toEqual([undefined]);
  });

  it("are in no log, event, span or error", async () => {
    await start(nodeHas({ username: "bob", password: `${password} of the node` }));
    puller.secrets.set("mine", secretOf("mine", { username: "jane", password: `${password}!` }));
    const { error } = await ask(["mine"]);
    expect(error).toBeDefined();
    const all = [puller.logged, puller.records, puller.spans.spans(), error];
    const told = inspect(all, { depth: 10, maxArrayLength: null, maxStringLength: null });
    for (const secret of [password, base64(`jane:${password}`).slice(0, 30)]) {
      expect(told).not.toContain(secret);
    }
  });
});
