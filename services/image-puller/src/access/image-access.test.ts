import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { createLogger } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPullRecordFiles } from "../adapters/pull-record-files.ts";
import type { VerificationPolicy } from "../domain/access/verification-policy.ts";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { ObservedImage } from "../domain/image-collection.ts";
import { parseImageReference } from "../domain/image-reference.ts";
import type { PullRecordStore } from "../ports.ts";
import { credentialsKey, ImageAccess } from "./image-access.ts";

const parsed = parseImageReference("r.example/app:1");
if (!parsed.ok) throw new Error(parsed.message);
const { reference } = parsed;
const imageRef = "sha256:1";
const image: ObservedImage = {
  id: imageRef,
  runtimeHandler: "",
  names: [reference.canonical],
  sizeBytes: 1n,
  pinned: false,
};
const credential: RegistryCredential = {
  username: "u",
  password: "p",
  source: { kind: "secret", namespace: "shop", name: "pull", uid: "u-1" },
};
const log = createLogger({ service: "image-puller", level: "silent" });

let dir: string;
let clock: FakeClock;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "podbus-access-"));
  clock = new FakeClock();
});
afterEach(() => rm(dir, { recursive: true }));

/** As after a restart: all that is known is what is on the disk. */
const load = (
  store: PullRecordStore = createPullRecordFiles(dir),
  kind: "NeverVerifyPreloadedImages" | "NeverVerify" = "NeverVerifyPreloadedImages",
) => {
  const policy: VerificationPolicy = { kind };
  return ImageAccess.load({ policy, store, clock, log });
};
const private_ = { imageRef, credential };
const pulledWith = (with_: RegistryCredential | undefined) => async () => ({ imageRef, credential: with_ });

describe("an image that is here", () => {
  it("before us is for everybody", async () => {
    expect((await load()).mustAttemptPull(reference, imageRef, [])).toBe(false);
  });

  it.each([
    ["without a credential", undefined],
    ["with the node's", { ...credential, source: { kind: "node", name: "config.json" } } as const],
  ])("pulled %s is for every pod of the node, after a restart too", async (_sentence, used) => {
    await (await load()).recordPull(reference, pulledWith(used));
    expect((await load()).mustAttemptPull(reference, imageRef, [])).toBe(false);
  });

  it("pulled with a Secret is for pods that have it, after a restart too", async () => {
    await (await load()).recordPull(reference, pulledWith(credential));
    const access = await load();
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(true);
    expect(access.mustAttemptPull(reference, imageRef, [credential])).toBe(false);
    expect((await load(undefined, "NeverVerify")).mustAttemptPull(reference, imageRef, [])).toBe(false);
  });

  it("is for another pod once that has pulled it too", async () => {
    const other: RegistryCredential = {
      ...credential,
      username: "v",
      source: { kind: "secret", namespace: "b", name: "b", uid: "b" },
    };
    const access = await load();
    await access.recordPull(reference, pulledWith(credential));
    expect(access.mustAttemptPull(reference, imageRef, [other])).toBe(true);
    await access.recordPull(reference, pulledWith(other));
    for (const each of [credential, other]) expect(access.mustAttemptPull(reference, imageRef, [each])).toBe(false);
  });

  it("is remembered for a Secret with the same credential, without that being asked for again", async () => {
    const copy: RegistryCredential = { ...credential, source: { kind: "secret", namespace: "b", name: "b", uid: "b" } };
    const access = await load();
    await access.recordPull(reference, pulledWith(credential));
    expect(access.mustAttemptPull(reference, imageRef, [copy])).toBe(false);
    // The next write comes after the one that nobody waited for.
    await access.recordPull(reference, async () => ({ imageRef: "sha256:2", credential }));
    expect((await load()).mustAttemptPull(reference, imageRef, [{ ...copy, password: "rotated" }])).toBe(false);
  });
});

describe("a pull that fails", () => {
  it("leaves an image that was here before to everybody", async () => {
    const access = await load();
    const pull = access.recordPull(reference, () => Promise.reject(new Error("401")));
    await expect(pull).rejects.toThrow("401");
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(false);
  });

  it("makes pods verify while another one of the same name goes on", async () => {
    const access = await load();
    const { promise, resolve } = Promise.withResolvers<typeof private_>();
    const running = access.recordPull(reference, () => promise);
    await expect(access.recordPull(reference, () => Promise.reject(new Error("401")))).rejects.toThrow("401");
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(true);
    resolve(private_);
    await running;
    expect(access.mustAttemptPull(reference, imageRef, [credential])).toBe(false);
  });
});

/** Lets so many writes through; what becomes of the next ones is told by `instead`. */
function failingAfter(writes: number, instead: () => Promise<void>): PullRecordStore {
  const files = createPullRecordFiles(dir);
  let left = writes;
  const limited =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    (...args: A) => {
      return left-- > 0 ? write(...args) : instead();
    };
  return {
    load: files.load,
    writeIntent: limited(files.writeIntent),
    removeIntent: limited(files.removeIntent),
    writeRecord: limited(files.writeRecord),
    removeRecord: limited(files.removeRecord),
  };
}

const diskFull = () => Promise.reject(new Error("ENOSPC"));

describe("a process that is killed", () => {
  it.each([0, 1, 2, 3])("after %d writes of a pull never leaves a private image to strangers", async (writes) => {
    let isHere = false;
    const died = Promise.withResolvers<void>();
    const gone = await load(
      failingAfter(writes, () => {
        died.resolve();
        return new Promise(() => {});
      }),
    );
    const settled = gone.recordPull(reference, async () => {
      isHere = true;
      return private_;
    });
    await Promise.race([settled, died.promise]);
    const access = await load();
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(isHere);
    await access.reconcile(isHere ? [image] : [], clock.now());
    expect((await load()).mustAttemptPull(reference, imageRef, [])).toBe(isHere);
    // A stranger who tries and is refused changes nothing.
    await expect(access.recordPull(reference, () => Promise.reject(new Error("401")))).rejects.toThrow("401");
    expect((await load()).mustAttemptPull(reference, imageRef, [])).toBe(isHere);
  });

  it("leaves an intent that a stranger's failing pull does not remove before it is settled", async () => {
    await createPullRecordFiles(dir).load();
    await createPullRecordFiles(dir).writeIntent(reference.canonical);
    const access = await load();
    await expect(access.recordPull(reference, () => Promise.reject(new Error("401")))).rejects.toThrow("401");
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(true);
  });

  it("leaves an intent that goes a minute later if there is no image", async () => {
    await createPullRecordFiles(dir).load();
    await createPullRecordFiles(dir).writeIntent(reference.canonical);
    const access = await load();
    await access.reconcile([], clock.now());
    expect((await createPullRecordFiles(dir).load()).intents).toHaveLength(1);
    await clock.step(60_000);
    await access.reconcile([], clock.now());
    expect((await createPullRecordFiles(dir).load()).intents).toEqual([]);
  });
});

describe("a disk that is full", () => {
  it("at the intent lets no pull begin", async () => {
    const access = await load(failingAfter(0, diskFull));
    const pull = access.recordPull(reference, () => Promise.reject(new Error("must not run")));
    await expect(pull).rejects.toMatchObject({
      code: "INTERNAL",
      message: 'Failed to record image pull intent for container image "r.example/app:1": ENOSPC',
    });
    await expect(pull).rejects.toBeInstanceOf(PodbusError);
  });

  it("at the record fails no pull, and strangers must verify", async () => {
    const access = await load(failingAfter(1, diskFull));
    expect(await access.recordPull(reference, pulledWith(credential))).toBe(imageRef);
    for (const each of [access, await load()]) expect(each.mustAttemptPull(reference, imageRef, [])).toBe(true);
  });
});

describe("reconcile", () => {
  it("removes records of images that are gone, and keeps those changed since the look", async () => {
    const access = await load();
    await access.recordPull(reference, pulledWith(credential));
    await access.reconcile([], clock.now());
    expect(access.mustAttemptPull(reference, imageRef, [])).toBe(true);
    await clock.step(1);
    await access.reconcile([], clock.now());
    for (const each of [access, await load()]) expect(each.mustAttemptPull(reference, imageRef, [])).toBe(false);
  });
});

it("pods share pulls only if their credentials are the same", () => {
  const other = { ...credential, password: "q" };
  expect(credentialsKey([credential])).toBe(credentialsKey([{ ...credential }]));
  expect(credentialsKey([credential])).not.toBe(credentialsKey([other]));
  expect(credentialsKey([credential, other])).not.toBe(credentialsKey([credential]));
  expect(credentialsKey([])).toBe("");
});
