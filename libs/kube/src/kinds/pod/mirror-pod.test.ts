import { describe, expect, it } from "vitest";
import { ephemeralContainersUpdate } from "./ephemeral-containers.ts";
import { isMirrorPod, validateMirrorPod, validateMirrorPodUpdate } from "./mirror-pod.ts";
import type { Pod } from "./schema.ts";

const pod = (mirrored?: string, nodeName?: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web",
    namespace: "default",
    annotations: mirrored === undefined ? {} : { "kubernetes.io/config.mirror": mirrored },
  },
  spec: { containers: [{ name: "main", image: "busybox" }], ...(nodeName ? { nodeName } : {}) },
});
const field = "metadata.annotations[kubernetes.io/config.mirror]";

describe("a mirror pod", () => {
  it("is known by its annotation, even an empty one", () => {
    expect([pod(), pod("abc"), pod("")].map(isMirrorPod)).toEqual([false, true, true]);
  });

  it("must be on a node", () => {
    const message = expect.stringContaining("must set spec.nodeName if mirror pod annotation is set");
    expect(validateMirrorPod(pod("abc"))).toMatchObject([{ field, message }]);
    expect(validateMirrorPod(pod("abc", "node-1"))).toEqual([]);
    expect(validateMirrorPod(pod())).toEqual([]);
  });

  it.each([
    [undefined, "abc", "may not add mirror pod annotation"],
    ["abc", undefined, "may not remove mirror pod annotation"],
    ["abc", "def", "may not update mirror pod annotation"],
  ])("stays one, and none becomes one: %s → %s", (before, after, problem) => {
    const message = expect.stringContaining(problem);
    expect(validateMirrorPodUpdate(pod(after), pod(before))).toMatchObject([{ field, message }]);
    expect(validateMirrorPodUpdate(pod(before), pod(before))).toEqual([]);
  });

  it("takes no ephemeral containers", () => {
    const message = expect.stringContaining("static pods do not support ephemeral containers");
    const errors = (subject: Pod) => ephemeralContainersUpdate.validate?.(subject, subject) ?? [];
    expect(errors(pod("abc", "node-1"))).toContainEqual(expect.objectContaining({ message }));
    expect(errors(pod())).not.toContainEqual(expect.objectContaining({ message }));
  });
});
