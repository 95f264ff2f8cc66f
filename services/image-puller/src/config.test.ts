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

  const [serialized, most] = ["PODBUS_SERIALIZE_IMAGE_PULLS", "PODBUS_MAX_PARALLEL_IMAGE_PULLS"];
  it.each<[string, Record<string, string>, number]>([
    ["five where nothing is told", {}, 5],
    ["five where they are not serialized", { [serialized]: "false" }, 5],
    ["as many as told", { [most]: "12" }, 12],
    ["as many as told, not serialized", { [serialized]: "false", [most]: "2" }, 2],
    ["one as told", { [most]: "1" }, 1],
    ["one as told, not serialized", { [serialized]: "false", [most]: "1" }, 1],
    ["one where they are serialized", { [serialized]: "true" }, 1],
    ["one where both say so", { [serialized]: "true", [most]: "1" }, 1],
  ])("pulls at a time: %s", (_sentence, env, limit) => {
    // Nobody gets by where it is one.
    expect(read(env).queue).toMatchObject({ limit, expressAfterMs: limit > 1 ? 10_000 : undefined });
  });

  it.each<[string, Record<string, string>, object | undefined]>([
    ["as told", { PODBUS_REGISTRY_PULL_QPS: "1", PODBUS_REGISTRY_BURST: "1" }, { perSecond: 1, burst: 1 }],
    ["a burst smaller than a second's", { PODBUS_REGISTRY_BURST: "2" }, { perSecond: 5, burst: 2 }],
    ["none where it is 0", { PODBUS_REGISTRY_PULL_QPS: "0" }, undefined],
    ["none where both are 0", { PODBUS_REGISTRY_PULL_QPS: "0", PODBUS_REGISTRY_BURST: "0" }, undefined],
  ])("pulls a second: %s", (_sentence, env, rate) => {
    expect(read(env).queue.rate).toEqual(rate);
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

  it("has credential provider plugins where both variables say where", () => {
    const env = {
      PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: "/etc/plugins.yaml",
      PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: "/opt/plugins",
    };
    expect(read(env).credentialPlugins).toEqual({ configFile: "/etc/plugins.yaml", binDir: "/opt/plugins" });
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
    [
      { PODBUS_REGISTRY_BURST: "0" },
      "image-puller: PODBUS_REGISTRY_BURST: must be at least 1 unless PODBUS_REGISTRY_PULL_QPS is 0",
    ],
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
    [
      { PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: "/etc/plugins.yaml" },
      "image-puller: PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: required with PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG",
    ],
    [
      { PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: "/opt/plugins" },
      "image-puller: PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: required with PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR",
    ],
    [
      { PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: "plugins.yaml", PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: "/opt" },
      "image-puller: PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: must be an absolute path",
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
