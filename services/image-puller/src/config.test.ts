import { parseConfig } from "@podbus/service";
import { describe, expect, it } from "vitest";
import { imagePullerConfig } from "./config.ts";

const read = (env: Record<string, string>) =>
  parseConfig("image-puller", imagePullerConfig, { PODBUS_NODE_NAME: "node-1", ...env });

describe("imagePullerConfig", () => {
  it("needs only the node's name", () => {
    expect(read({})).toEqual({
      nodeName: "node-1",
      criEndpoint: "unix:///run/containerd/containerd.sock",
      pullTimeoutMs: 600_000,
      queue: { limit: 5, expressAfterMs: 10_000, rate: { perSecond: 5, burst: 10 } },
      imageGc: {
        policy: { highPercent: 85, lowPercent: 80, minAgeMs: 120_000, maxAgeMs: 0 },
        periodMs: 300_000,
      },
      imageAccess: {
        policy: { kind: "NeverVerifyPreloadedImages" },
        stateDir: "/var/lib/podbus",
        recordsDir: "/var/lib/podbus/image_manager",
      },
      perRuntimeHandler: false,
      credentialPlugins: undefined,
    });
  });

  it.each([
    ["as many as told", { PODBUS_MAX_PARALLEL_IMAGE_PULLS: "12" }, 12],
    ["one where they are serialized", { PODBUS_SERIALIZE_IMAGE_PULLS: "true" }, 1],
    ["one where both say so", { PODBUS_SERIALIZE_IMAGE_PULLS: "true", PODBUS_MAX_PARALLEL_IMAGE_PULLS: "1" }, 1],
  ])("pulls at a time: %s", (_sentence, env, expected) => {
    expect(read(env).queue.limit).toBe(expected);
  });

  it("reads a list of images whose use is not verified", () => {
    const { policy } = read({
      PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: "NeverVerifyAllowlistedImages",
      PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: "r.example/team/*,r.example/app",
    }).imageAccess;
    expect(policy).toEqual({
      kind: "NeverVerifyAllowlistedImages",
      allowlist: [
        { kind: "below", prefix: "r.example/team/" },
        { kind: "repository", name: "r.example/app" },
      ],
    });
  });

  it("lets nobody by where pulls are serialized, and has no rate where it is 0", () => {
    const env = { PODBUS_SERIALIZE_IMAGE_PULLS: "true", PODBUS_REGISTRY_PULL_QPS: "0" };
    expect(read(env).queue).toEqual({ limit: 1, rate: undefined });
  });

  const nonsense: [Record<string, string>, string][] = [
    [{ PODBUS_NODE_NAME: "" }, "image-puller: PODBUS_NODE_NAME: required"],
    [
      { PODBUS_SERIALIZE_IMAGE_PULLS: "true", PODBUS_MAX_PARALLEL_IMAGE_PULLS: "2" },
      "image-puller: PODBUS_MAX_PARALLEL_IMAGE_PULLS: cannot be larger than 1 unless PODBUS_SERIALIZE_IMAGE_PULLS is false",
    ],
    [
      { PODBUS_MAX_PARALLEL_IMAGE_PULLS: "0" },
      "image-puller: PODBUS_MAX_PARALLEL_IMAGE_PULLS: must be an integer from 1 to 1000",
    ],
    [
      { PODBUS_FEATURE_GATES: "Nonsense=true" },
      "image-puller: PODBUS_FEATURE_GATES: unrecognized feature gate: Nonsense",
    ],
    [
      { PODBUS_FEATURE_GATES: "RuntimeClassInImageCriApi" },
      'image-puller: PODBUS_FEATURE_GATES: RuntimeClassInImageCriApi: must be "true" or "false"',
    ],
    [
      { PODBUS_REGISTRY_PULL_QPS: "-1" },
      "image-puller: PODBUS_REGISTRY_PULL_QPS: must be an integer from 0 to 1000000",
    ],
    [{ PODBUS_REGISTRY_BURST: "0" }, "image-puller: PODBUS_REGISTRY_BURST: must be an integer from 1 to 1000000"],
    [{ PODBUS_SERIALIZE_IMAGE_PULLS: "yes" }, 'image-puller: PODBUS_SERIALIZE_IMAGE_PULLS: must be "true" or "false"'],
    [
      { PODBUS_IMAGE_GC_HIGH_THRESHOLD: "101" },
      "image-puller: PODBUS_IMAGE_GC_HIGH_THRESHOLD: must be an integer from 0 to 100",
    ],
    [
      { PODBUS_IMAGE_GC_LOW_THRESHOLD: "85" },
      "image-puller: PODBUS_IMAGE_GC_LOW_THRESHOLD: 85 must be less than PODBUS_IMAGE_GC_HIGH_THRESHOLD 85",
    ],
    [
      { PODBUS_IMAGE_GC_HIGH_THRESHOLD: "50" },
      "image-puller: PODBUS_IMAGE_GC_LOW_THRESHOLD: 80 must be less than PODBUS_IMAGE_GC_HIGH_THRESHOLD 50",
    ],
    [
      { PODBUS_IMAGE_GC_MAX_AGE: "2m" },
      "image-puller: PODBUS_IMAGE_GC_MAX_AGE: must be greater than PODBUS_IMAGE_GC_MIN_AGE (120s), or 0",
    ],
    [{ PODBUS_STATE_DIR: "state" }, "image-puller: PODBUS_STATE_DIR: must be an absolute path"],
    [
      { PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: "Sometimes" },
      'image-puller: PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: must be one of "NeverVerify", ',
    ],
    [
      {
        PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: "NeverVerifyAllowlistedImages",
        PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: "r.example/app,r.example/*/app",
      },
      "image-puller: PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: not a valid wildcard pattern",
    ],
    [
      { PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: "r.example/app" },
      "image-puller: PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: cannot be set if ",
    ],
    [
      { PODBUS_CRI_ENDPOINT: "/run/containerd.sock" },
      'image-puller: PODBUS_CRI_ENDPOINT: must be a socket like "unix:///run/containerd/containerd.sock"',
    ],
    [
      { PODBUS_IMAGE_PULL_TIMEOUT: "10" },
      'image-puller: PODBUS_IMAGE_PULL_TIMEOUT: must be a duration like "500ms", "30s", "10m" or "1h"',
    ],
  ];
  it.each(nonsense)("refuses %j", (env, message) => {
    expect(() => read(env)).toThrow(message);
  });
});
