import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@podbus/clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PluginCredentials } from "../src/credentials/plugin-credentials.ts";
import { pluginApiVersion } from "../src/domain/credential-plugins/plugin-config.ts";
import { type Answer, type Fixture, startFixture } from "./image-puller-fixture.ts";

const image = "r.example/team/app:1";
const right = { username: "jane", password: "secret" };

let binDir: string;
let puller: Fixture;
beforeEach(async () => {
  binDir = await mkdtemp(join(tmpdir(), "podbus-plugins-"));
});
afterEach(async () => {
  await puller[Symbol.asyncDispose]();
  await rm(binDir, { recursive: true });
});

/** A real program, on a clock that stands still. */
async function plugin(name: string, script: string): Promise<PluginCredentials> {
  await writeFile(join(binDir, name), `#!/bin/sh\ncat > /dev/null\n${script}\n`);
  await chmod(join(binDir, name), 0o755);
  const config = {
    name,
    matchImages: ["r.example"],
    defaultCacheMs: 0,
    apiVersion: pluginApiVersion,
    args: [],
    env: {},
  };
  return new PluginCredentials({ plugin: config, binDir, clock: new FakeClock(), env: { PATH: process.env.PATH } });
}
const knows = (auth: object) => {
  const answer = { kind: "CredentialProviderResponse", apiVersion: pluginApiVersion, cacheKeyType: "Image", auth };
  return `echo '${JSON.stringify(answer)}'`;
};

async function start(...credentials: PluginCredentials[]): Promise<void> {
  puller = await startFixture({}, { credentials });
  puller.cri.addRemoteImage(image, { requires: right });
  puller.cri.addRemoteImage("q.example/app:1");
}
/** The programs run in real time, everything else when the clock is stepped. */
async function settled(answer: Promise<Answer>): Promise<Answer> {
  let done = false;
  void answer.finally(() => {
    done = true;
  });
  while (!done) await puller.clock.step(0);
  await puller.clock.step(0);
  return answer;
}
const isPulled = ({ updates }: Answer) => updates.at(-1)?.case === "image";

describe("credential provider plugins", () => {
  it("give what a private image is pulled with, whatever another one does", async () => {
    await start(
      await plugin("broken", "echo 'no profile' >&2; exit 3"),
      await plugin("good", knows({ "r.example": right })),
    );
    expect(isPulled(await settled(puller.ask({ image })))).toBe(true);
    expect(JSON.stringify(puller.logged)).toContain("no profile");
  });

  it("that fail are told where the user looks, without what they have said", async () => {
    await start(await plugin("broken", "echo 'no profile' >&2; exit 3"));
    const { error } = await settled(puller.ask({ image }));
    const told = "; no credentials from credential provider plugin broken: it ended with exit code 3";
    expect(error).toMatchObject({ reason: "ErrImagePull" });
    expect(error?.message).toContain(`401 Unauthorized${told} (attempt 1,`);
    const events = puller.events();
    expect(events.find((event) => event.includes("Failed to pull image"))).toMatch(new RegExp(`${told}$`));
    expect(`${error?.message} ${events}`).not.toContain("no profile");
  });

  it("that hang hold up no image that is not theirs, and no call that is cancelled", async () => {
    using hanging = await plugin("hanging", "exec sleep 30");
    await start(hanging);
    const leaving = new AbortController();
    const held = puller.ask({ image }, leaving.signal);
    expect(isPulled(await settled(puller.ask({ image: "q.example/app:1", uid: "u-2" })))).toBe(true);
    expect(puller.cri.callsOf("pullImage")).toHaveLength(1);
    leaving.abort();
    expect((await settled(held)).error).toMatchObject({ code: "CANCELLED" });
    // The pod's turn is given back: its next image does not wait for the plugin.
    expect(isPulled(await settled(puller.ask({ image: "q.example/app:1" })))).toBe(true);
  });
});
