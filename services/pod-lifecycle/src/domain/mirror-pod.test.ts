import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { type MirrorFacts, mirrorOf, nextMirrorStep } from "./mirror-pod.ts";

const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web-node-1",
    namespace: "default",
    uid: "here",
    labels: { app: "web" },
    annotations: { "kubernetes.io/config.source": "file" },
  },
  spec: { nodeName: "node-1", containers: [{ name: "main", image: "busybox" }] },
  status: { phase: "Running" },
};
const shown: Pod = { ...mirrorOf(pod), metadata: { ...mirrorOf(pod).metadata, uid: "there" } };
const facts = (change: Partial<MirrorFacts>): MirrorFacts => ({ pod, mirror: shown, statusTold: true, ...change });
const withMetadata = (metadata: object): Pod => ({ ...shown, metadata: { ...shown.metadata, ...metadata } });

describe("a mirror", () => {
  it("has the pod's spec, labels and annotations, and names the pod by its uid here", () => {
    expect(mirrorOf(pod)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "web-node-1",
        namespace: "default",
        labels: { app: "web" },
        annotations: { "kubernetes.io/config.source": "file", "kubernetes.io/config.mirror": "here" },
      },
      spec: pod.spec,
    });
  });

  it.each<[string, Partial<MirrorFacts>, string | undefined]>([
    ["is made where there is none", { mirror: undefined }, "create"],
    ["is told the newest status", { statusTold: false }, "status"],
    ["is left alone when it shows all", {}, undefined],
    ["of a pod that is gone is removed", { pod: undefined }, "delete"],
    ["of another content is removed", { mirror: withMetadata({ annotations: {} }) }, "delete"],
    [
      "that someone deletes is removed, to be made again",
      { mirror: withMetadata({ deletionTimestamp: "2026-01-01T00:00:00Z" }) },
      "delete",
    ],
    ["that nobody needs is not there", { pod: undefined, mirror: undefined }, undefined],
  ])("%s", (_, change, step) => {
    expect(nextMirrorStep(facts(change))).toBe(step);
  });
});
