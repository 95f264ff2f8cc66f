import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@podbus/clock";
import { eventuallyPasses } from "@podbus/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pluginApiVersion } from "../domain/credential-plugins/plugin-config.ts";
import { PluginCredentials } from "./plugin-credentials.ts";

/** Real programs, on a clock that stands still. */
let binDir: string;
let clock: FakeClock;
beforeEach(async () => {
  binDir = await mkdtemp(join(tmpdir(), "podbus-plugins-"));
  clock = new FakeClock();
});
afterEach(() => rm(binDir, { recursive: true }));

const answer = (change: object = {}) => ({
  kind: "CredentialProviderResponse",
  apiVersion: pluginApiVersion,
  cacheKeyType: "Image",
  auth: { "r.example": { username: "jane", password: "secret" } },
  ...change,
});

/** A plugin that counts its runs, keeps what it was asked, and then does this. */
async function plugin(script: string, change: { matchImages?: string[]; env?: Record<string, string> } = {}) {
  const program = `#!/bin/sh\necho run >> ${binDir}/runs\ncat > ${binDir}/asked\n${script}\n`;
  await writeFile(join(binDir, "test"), program);
  await chmod(join(binDir, "test"), 0o755);
  const { matchImages = ["*.example", "r.example"], env = {} } = change;
  const config = {
    name: "test",
    matchImages,
    defaultCacheMs: 60_000,
    apiVersion: pluginApiVersion,
    args: ["get"],
    env,
  };
  const own = { PATH: process.env.PATH, PODBUS_NATS_SEED_FILE: "/secret", OTHER: "kept" };
  return new PluginCredentials({ plugin: config, binDir, clock, env: own });
}
const says = (value: object | string) =>
  `cat <<'END'\n${typeof value === "string" ? value : JSON.stringify(value)}\nEND`;
const runs = async () => (await readFile(join(binDir, "runs"), "utf8").catch(() => "")).split("\n").length - 1;
const namesOf = async (credentials: PluginCredentials, image: string) =>
  (await credentials.credentialsFor(image)).map(({ username }) => username);

describe("a plugin", () => {
  it("is asked for the image, and its answer is matched as a docker configuration is", async () => {
    const auth = {
      "r.example": { username: "all", password: "x" },
      "r.example/team": { username: "team", password: "x" },
      "q.example": { username: "other", password: "x" },
    };
    const credentials = await plugin(says(answer({ auth })));
    expect(await namesOf(credentials, "r.example/team/app")).toEqual(["team", "all"]);
    expect(JSON.parse(await readFile(join(binDir, "asked"), "utf8"))).toEqual({
      kind: "CredentialProviderRequest",
      apiVersion: pluginApiVersion,
      image: "r.example/team/app",
    });
  });

  it("is not asked for images that it is not for", async () => {
    const credentials = await plugin(says(answer()), { matchImages: ["*.r.example"] });
    expect(await namesOf(credentials, "r.example/app")).toEqual([]);
    expect(await runs()).toBe(0);
  });

  it("has its own variables and the node's, and none of podbus", async () => {
    const credentials = await plugin(`env > ${binDir}/env; ${says(answer())}`, { env: { PROFILE: "team" } });
    await credentials.credentialsFor("r.example/app");
    const env = await readFile(join(binDir, "env"), "utf8");
    expect(env).toContain("PROFILE=team");
    expect(env).toContain("OTHER=kept");
    expect(env).not.toContain("PODBUS_");
  });

  it("runs once for all that ask at the same time", async () => {
    const credentials = await plugin(`sleep 0.1; ${says(answer())}`);
    const asked = Array.from({ length: 20 }, () => namesOf(credentials, "r.example/app"));
    for (const names of await Promise.all(asked)) expect(names).toEqual(["jane"]);
    expect(await runs()).toBe(1);
  });
});

describe("a plugin whose answers serve a registry", () => {
  const serving = (script: string) => plugin(`sleep 0.1; ${script}`, { matchImages: ["*.example"] });
  const askAll = (credentials: PluginCredentials, count: number) =>
    Promise.allSettled(Array.from({ length: count }, (_, index) => namesOf(credentials, `r.example/app-${index}`)));

  it("runs once for all of its images when its answer is too old", async () => {
    const credentials = await serving(says(answer({ cacheKeyType: "Registry", cacheDuration: "1m" })));
    await credentials.credentialsFor("r.example/first");
    await clock.step(60_000);
    for (const result of await askAll(credentials, 20)) expect(result).toMatchObject({ value: ["jane"] });
    expect(await runs()).toBe(2);
    // Another registry has a run of its own.
    await credentials.credentialsFor("q.example/app");
    expect(await runs()).toBe(3);
  });

  it("is asked for each of them when its answer turns out to serve less", async () => {
    const [registry, image] = [answer({ cacheKeyType: "Registry", cacheDuration: "0s" }), answer()];
    const credentials = await serving(
      `if [ $(wc -l < ${binDir}/runs) = 1 ]; then\n${says(registry)}\nelse\n${says(image)}\nfi`,
    );
    await credentials.credentialsFor("r.example/first");
    for (const result of await askAll(credentials, 3)) expect(result).toMatchObject({ value: ["jane"] });
    expect(await runs()).toBe(4);
  });

  it("is asked for each of them when it fails for one: that is that one's failure", async () => {
    const good = says(answer({ cacheKeyType: "Registry", cacheDuration: "0s" }));
    const credentials = await serving(`if grep -q app-0 ${binDir}/asked; then exit 1; fi\n${good}`);
    await credentials.credentialsFor("r.example/first");
    const [first, ...others] = await askAll(credentials, 3);
    expect(first).toMatchObject({ status: "rejected" });
    for (const result of others) expect(result).toMatchObject({ value: ["jane"] });
  });
});

describe("its answer", () => {
  it.each<[string, object, string, number]>([
    ["serves its image", { cacheKeyType: "Image" }, "r.example/app", 1],
    ["serves no other image", { cacheKeyType: "Image" }, "r.example/other", 2],
    ["may serve its registry", { cacheKeyType: "Registry" }, "r.example/other", 1],
    ["then serves no other registry", { cacheKeyType: "Registry" }, "q.example/app", 2],
    ["may serve every image", { cacheKeyType: "Global" }, "q.example/app", 1],
    ["is not kept if it says so", { cacheDuration: "0s" }, "r.example/app", 2],
    ["is not kept if it is old already", { cacheDuration: "-1s" }, "r.example/app", 2],
  ])("%s", async (_sentence, change, second, expected) => {
    const credentials = await plugin(says(answer(change)));
    await credentials.credentialsFor("r.example/app");
    await credentials.credentialsFor(second);
    expect(await runs()).toBe(expected);
  });

  it.each([
    ["for as long as it says", { cacheDuration: "5m" }, 300_000],
    ["else for the plugin's default", {}, 60_000],
  ])("is kept %s", async (_sentence, change, ms) => {
    const credentials = await plugin(says(answer(change)));
    await credentials.credentialsFor("r.example/app");
    await clock.step(ms - 1);
    await credentials.credentialsFor("r.example/app");
    expect(await runs()).toBe(1);
    await clock.step(1);
    await credentials.credentialsFor("r.example/app");
    expect(await runs()).toBe(2);
  });
});

describe("a plugin that does wrong is named, with what it did", () => {
  it.each<[string, string, RegExp]>([
    [
      "fails",
      "echo 'no such profile' >&2; echo secret; exit 3",
      /^credential provider plugin test: it ended with exit code 3$/,
    ],
    ["says nothing", "", /its answer is not JSON$/],
    ["says no JSON", says("secret"), /its answer is not JSON$/],
    ["says something else", says({ secret: 1 }), /its answer is no CredentialProviderResponse/],
    ["answers in another version", says(answer({ apiVersion: "secret" })), /its answer is not in the .*\/v1 that/],
    ["answers with another kind", says(answer({ kind: "secret" })), /its answer is of another kind$/],
    ["has an unknown cache key", says(answer({ cacheKeyType: "Pod" })), /cacheKeyType$/],
    ["has a duration that is none", says(answer({ cacheDuration: "soon" })), /cacheDuration$/],
    [
      "never stops writing",
      "while :; do echo secretsecretsecretsecretsecretsecretsecret; done",
      /more than 1048576 bytes$/,
    ],
  ])("%s", async (_sentence, script, message) => {
    const credentials = await plugin(script);
    const failure = await credentials.credentialsFor("r.example/app").then(
      () => "it succeeded",
      (error: Error) => error.message,
    );
    expect(failure).toMatch(message);
    expect(failure).not.toContain("secret");
    // It is asked again the next time.
    await credentials.credentialsFor("r.example/app").catch(() => {});
    expect(await runs()).toBe(2);
  });

  it("its own words are the cause, for the log", async () => {
    const credentials = await plugin("echo 'no such profile' >&2; exit 3");
    await expect(credentials.credentialsFor("r.example/app")).rejects.toMatchObject({
      cause: { message: "no such profile" },
    });
  });

  it("may not be run", async () => {
    const credentials = await plugin("");
    await chmod(join(binDir, "test"), 0o644);
    await expect(credentials.credentialsFor("r.example/app")).rejects.toThrow("EACCES");
  });

  it("is not there", async () => {
    const credentials = await plugin("");
    await rm(join(binDir, "test"));
    await expect(credentials.credentialsFor("r.example/app")).rejects.toThrow("there is no such program");
  });

  it.each<[string, string, (credentials: PluginCredentials) => void | Promise<void>]>([
    ["after a minute", "it did not end within a minute", () => clock.step(60_000)],
    ["with the service", "podbus ends", (credentials) => credentials[Symbol.dispose]()],
  ])("hangs, with a child that holds its output: both are ended %s", async (_sentence, why, end) => {
    const credentials = await plugin(`sleep 1000 & echo $! > ${binDir}/child; wait`);
    const failure = expect(credentials.credentialsFor("r.example/app")).rejects.toThrow(why);
    let child = "";
    while (child === "") {
      child = (await readFile(join(binDir, "child"), "utf8").catch(() => "")).trim();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end(credentials);
    await failure;
    // The kernel may take a moment to end it.
    await eventuallyPasses(async () => {
      const state = await readFile(`/proc/${child}/stat`, "utf8").catch(() => "gone");
      expect(state).toMatch(/^gone$|\) Z /);
    });
  });
});
