import type { Client } from "@podbus/bus";
import { FakeClock } from "@podbus/clock";
import { ImagePuller, PullMonitor } from "@podbus/contracts";
import { eventually, FakeCri } from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { expect } from "vitest";
import { type Bench, defineSuite } from "../harness/contract-suite.ts";
import { fakeNodeApi } from "../harness/fake-node-api.ts";

const node = "node-1.example";
const pod = { namespace: "default", name: "web", uid: "u1" };
const image = "registry.test/shop/web:1.2";
const wish = { pod, containerName: "main", image, pullPolicy: "IfNotPresent" };

interface World {
  readonly puller: Client<typeof ImagePuller>;
  readonly cri: FakeCri;
  readonly events: string[];
}

async function start(bench: Bench): Promise<World> {
  const { bus, log, tracer, cleanup } = bench;
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const cri = cleanup.use(new FakeCri({ clock }));
  const { events } = await fakeNodeApi(bench);
  const config = imagePullerConfig.parse({ PODBUS_NODE_NAME: node });
  const runtime = { bus: await bus("image-puller"), clock, log, tracer };
  cleanup.use(await startImagePuller(runtime, config, { cri }));
  const puller = (await bus("pod-lifecycle")).client(ImagePuller, { node });
  return { cri, events, puller };
}

const pulls =
  (count: number) =>
  ({ cri }: World) =>
    expect(cri.callsOf("pullImage")).toHaveLength(count);

const ensured = (alreadyPresent: boolean) => ({
  image: {
    imageRef: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    repoDigest: expect.stringMatching(/^registry\.test\/shop\/web@sha256:[0-9a-f]{64}$/),
    sizeBytes: 4_096,
    ...(alreadyPresent ? { alreadyPresent } : {}),
  },
});
const present = { replies: [ensured(true)] };
const pulled = { replies: [{ progress: {} }, ensured(false)] };

export const imagePullerSuite = defineSuite({
  service: ImagePuller,
  target: { node },
  start,
  examples: {
    ensureImage: [
      {
        that: "an absent image is pulled, once",
        given: ({ cri }) => cri.addRemoteImage(image, { size: 4_096 }),
        request: wish,
        answer: pulled,
        again: present,
        effect: async (world) => {
          pulls(1)(world);
          await eventually(() => world.events.length === 3 && world.events);
          expect(world.events).toEqual(["Pulling", "Pulled", "Pulled"]);
        },
      },
      {
        that: "a present image is used",
        given: ({ cri }) => cri.addImage(image, { size: 4_096 }),
        request: wish,
        answer: present,
        effect: pulls(0),
      },
      {
        that: "Always asks the registry each time",
        given: ({ cri }) => {
          cri.addImage(image, { size: 4_096 });
          cri.addRemoteImage(image, { size: 4_096 });
        },
        request: { ...wish, pullPolicy: "Always" },
        answer: pulled,
        effect: pulls(2),
      },
      {
        that: "Never with an absent image",
        request: { ...wish, pullPolicy: "Never" },
        answer: {
          error: {
            code: "FAILED_PRECONDITION",
            reason: "ErrImageNeverPull",
            message: `Container image "${image}" is not present with pull policy of Never`,
            retryable: false,
          },
        },
        effect: pulls(0),
      },
      {
        that: "a name that is no image reference",
        request: { ...wish, image: "Not An Image" },
        answer: {
          error: {
            code: "INVALID_ARGUMENT",
            reason: "InvalidImageName",
            message: expect.stringContaining('"Not An Image"'),
            retryable: false,
          },
        },
        effect: pulls(0),
      },
      {
        that: "an image that no registry has: the second request is in back-off",
        request: wish,
        answer: {
          replies: [{ progress: {} }],
          error: {
            code: "NOT_FOUND",
            reason: "ErrImagePull",
            message: expect.stringMatching(
              /because the registry has no such image .*not found \(attempt 1, next try at 2026-01-01T00:00:10Z\)$/,
            ),
            retryable: true,
            retryAfterMs: 10_000,
          },
        },
        again: {
          error: {
            code: "UNAVAILABLE",
            reason: "ImagePullBackOff",
            message: expect.stringMatching(/^Back-off pulling image .*not found \(attempt 1, /),
            retryable: true,
            retryAfterMs: 10_000,
          },
        },
        effect: pulls(1),
      },
      {
        that: "a registry that cannot be reached",
        given: ({ cri }) =>
          cri.fail("pullImage", {
            code: "UNKNOWN",
            message: "failed to do request: dial tcp 10.0.0.9:5000: connect: connection refused",
          }),
        request: wish,
        answer: {
          replies: [{ progress: {} }],
          error: {
            code: "UNAVAILABLE",
            reason: "RegistryUnavailable",
            message: expect.stringContaining("connection refused"),
            retryAfterMs: 10_000,
          },
        },
        again: { error: { code: "UNAVAILABLE", reason: "ImagePullBackOff" } },
      },
      {
        that: "a runtime that cannot say whether the image is there",
        given: ({ cri }) => cri.down(),
        request: wish,
        answer: { error: { code: "UNAVAILABLE", reason: "ImageInspectError", retryable: true } },
      },
      {
        that: "no pod",
        request: { ...wish, pod: { ...pod, uid: "" } },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("pod") } },
      },
      {
        that: "no container",
        request: { ...wish, containerName: "" },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("container_name") } },
      },
      {
        that: "a policy that does not exist",
        request: { ...wish, pullPolicy: "Sometimes" },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining('"Sometimes"') } },
      },
    ],
    listImages: [
      {
        that: "the images of the node, names as Kubernetes lists them",
        given: ({ cri }) => cri.addImage(image, { size: 4_096 }),
        request: {},
        answer: {
          reply: {
            images: [{ names: [expect.stringMatching(/^registry\.test\/shop\/web@sha256:/), image], sizeBytes: 4_096 }],
          },
        },
      },
      { that: "a node without images", request: {}, answer: { reply: {} } },
      {
        that: "a runtime that is away",
        given: ({ cri }) => cri.down(),
        request: {},
        answer: { error: { code: "UNAVAILABLE", retryable: true } },
      },
    ],
  },
});

/** A pull that never ends by itself, and a call that waits for it. */
async function startEndlessPull({ cri, puller }: World): Promise<void> {
  cri.before("pullImage", () => new Promise(() => {}));
  const updates = puller.ensureImage(wish)[Symbol.asyncIterator]();
  await updates.next();
}

export const pullMonitorSuite = defineSuite({
  service: PullMonitor,
  target: { node },
  start,
  examples: {
    listPulls: [
      { that: "nothing is pulled", request: {}, answer: { reply: {} } },
      {
        that: "a call waits for a pull whose bytes nobody knows",
        given: startEndlessPull,
        request: {},
        answer: {
          reply: {
            pulls: [{ pod, containerName: "main", image, askedAtMs: Date.UTC(2026, 0, 1), progress: {} }],
          },
        },
      },
    ],
  },
});
