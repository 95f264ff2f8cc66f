import { buildBusyboxImage, buildIndex } from "@podbus/images";
import { eventuallyPasses, freePort, ofBlobs, startFaultProxy } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Images that cannot be had: the reason is told, the next try is announced, and it recovers by itself. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const pod = (name: string, image: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image, command: ["sleep", "1000"], ...more }],
  },
});

async function waiting(name: string): Promise<{ reason: string; message: string }> {
  const json = await podbus.kubectlOk("get", "pod", name, "-o", "json");
  return JSON.parse(json).status.containerStatuses?.[0]?.state?.waiting ?? { reason: "", message: "" };
}

async function expectWaiting(name: string, reason: RegExp, message: RegExp): Promise<void> {
  await eventuallyPasses(
    async () => {
      const state = await waiting(name);
      expect(state.reason).toMatch(reason);
      expect(state.message).toMatch(message);
    },
    { timeoutMs: 20_000 },
  );
}

describe("an image that cannot be had", () => {
  it("unknown: ErrImagePull with the registry's answer, an event, back-off; runs once the image appears", async () => {
    const image = `${registry.host}/later/app:1`;
    await podbus.apply(pod("unknown", image));
    await expectWaiting("unknown", /^(ErrImagePull|ImagePullBackOff)$/, /not found/);
    expect(await podbus.kubectlOk("get", "events")).toMatch(/Warning +Failed +pod\/unknown/);
    await expectWaiting("unknown", /^ImagePullBackOff$/, /Back-off pulling image/);
    expect(await podbus.kubectlOk("get", "pod", "unknown", "--no-headers")).toMatch(
      /^unknown +0\/1 +(ErrImagePull|ImagePullBackOff) +0/,
    );
    await registry.push(await buildBusyboxImage(), "later/app:1");
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=45s", "pod/unknown");
  }, 90_000);

  it("behind a registry that nobody runs: RegistryUnavailable or ErrImagePull, with the address", async () => {
    const port = await freePort();
    await podbus.apply(pod("unreachable", `127.0.0.1:${port}/app:1`));
    await expectWaiting("unreachable", /^(RegistryUnavailable|ErrImagePull|ImagePullBackOff)$/, /connection refused/);
  });

  it("for another platform only: the message says so", async () => {
    const foreign = await buildBusyboxImage({ platform: { os: "linux", architecture: "s390x" } });
    const { name } = await registry.push(buildIndex([foreign]), "foreign/app:1");
    await podbus.apply(pod("foreign", name));
    await expectWaiting("foreign", /^(ErrImagePull|ImagePullBackOff)$/, /platform/);
  });

  it("that arrives corrupted: the message says so; runs once the registry is well again", async () => {
    await using proxy = await startFaultProxy({ registryUrl: registry.url });
    await registry.push(await buildBusyboxImage({ config: { Env: ["CORRUPTED=1"] } }), "corrupted/app:1");
    proxy.inject({ when: ofBlobs, fault: { kind: "alter", body: (bytes) => Buffer.alloc(bytes.length) } });
    await podbus.apply(pod("corrupted", `${proxy.host}/corrupted/app:1`));
    await expectWaiting("corrupted", /^(ErrImagePull|ImagePullBackOff)$/, /arrived corrupted.*next try at/);
    proxy.heal();
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=45s", "pod/corrupted");
  }, 90_000);

  it("with a name that is none: InvalidImageName", async () => {
    await podbus.apply(pod("misnamed", "Not//An::Image"));
    await expectWaiting("misnamed", /^InvalidImageName$/, /invalid reference format/i);
  });

  it("absent, with the policy Never: ErrImageNeverPull", async () => {
    await podbus.apply(pod("never", `${registry.host}/never/app:1`, { imagePullPolicy: "Never" }));
    await expectWaiting("never", /^ErrImageNeverPull$/, /is not present with pull policy of Never/);
  });
});
