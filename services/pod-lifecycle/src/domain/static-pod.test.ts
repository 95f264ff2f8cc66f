import { describe, expect, it } from "vitest";
import { isStaticPod, staticPodOf } from "./static-pod.ts";

const origin = { path: "/etc/podbus/web.yaml", node: "node-1", nowMs: Date.parse("2026-01-01T00:00:00Z") };
const manifest = (spec = "", metadata = "") => `
apiVersion: v1
kind: Pod
metadata:
  name: web
${metadata}
spec:
${spec}
  containers:
    - name: main
      image: busybox:1
`;
const read = (text: string, change: Partial<typeof origin> = {}) =>
  staticPodOf(Buffer.from(text), { ...origin, ...change });

describe("a static pod", () => {
  it("gets what the kubelet gives it", () => {
    const pod = read(manifest("", "  labels: { app: web }"));
    const { uid = "" } = pod.metadata;
    expect(uid).toMatch(/^[0-9a-f]{32}$/);
    expect(pod).toMatchObject({
      metadata: {
        name: "web-node-1",
        namespace: "default",
        labels: { app: "web" },
        annotations: {
          "kubernetes.io/config.hash": uid,
          "kubernetes.io/config.source": "file",
          "kubernetes.io/config.seen": "2026-01-01T00:00:00Z",
        },
      },
      spec: {
        nodeName: "node-1",
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        tolerations: [{ operator: "Exists", effect: "NoExecute" }],
      },
      status: {
        phase: "Pending",
        qosClass: "BestEffort",
        conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
      },
    });
    expect(isStaticPod(pod)).toBe(true);
  });

  it("is JSON or YAML", () => {
    const json = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "b" } };
    const pod = read(JSON.stringify({ ...json, spec: { containers: [{ name: "x", image: "y" }] } }));
    expect(pod.metadata).toMatchObject({ name: "a-node-1", namespace: "b" });
  });

  it("is the same pod as long as manifest, file and node are the same", () => {
    const uid = (text: string, change = {}) => read(text, change).metadata.uid;
    const same = uid(manifest());
    expect(uid(manifest(), { nowMs: 0 })).toBe(same);
    expect(uid(manifest("  # a comment"))).toBe(same);
    expect(uid(manifest("  hostNetwork: true"))).not.toBe(same);
    expect(uid(manifest(), { path: "/etc/podbus/other.yaml" })).not.toBe(same);
    expect(uid(manifest(), { node: "node-2" })).not.toBe(same);
  });

  it("takes neither a uid nor an owner from its manifest", () => {
    const pod = read(manifest("", "  uid: ../../etc\n  ownerReferences: []\n  finalizers: [a/b]"));
    expect(pod.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(pod.metadata).not.toHaveProperty("finalizers");
  });

  it.each([
    ["a service account", "  serviceAccountName: robot", "static pods may not reference serviceaccounts"],
    ["a secret", "  imagePullSecrets: [{ name: pull }]", "static pods may not reference secrets"],
    ["a config map", "  volumes: [{ name: c, configMap: { name: c } }]", "static pods may not reference configmaps"],
    [
      "a token",
      "  volumes: [{ name: t, projected: { sources: [{ serviceAccountToken: { path: t } }] } }]",
      "static pods may not reference serviceaccounts",
    ],
    [
      "a value that no pod may have",
      "  restartPolicy: Sometimes",
      'spec.restartPolicy: Unsupported value: "Sometimes"',
    ],
    [
      "what podbus cannot do",
      "  volumes: [{ name: p, persistentVolumeClaim: { claimName: p } }]",
      "persistentVolumeClaim",
    ],
  ])("may not have %s", (_, spec, problem) => {
    expect(() => read(manifest(spec))).toThrow(problem);
  });

  it.each([
    ["nothing", "", "couldn't get version/kind"],
    ["no YAML", "a: [", ""],
    ["another kind", manifest().replace("kind: Pod", "kind: Service"), "cannot be handled as a Pod"],
    ["no name", manifest().replace("name: web", "generateName: web"), "metadata.name"],
    ["no containers", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: {}", "spec.containers: Required value"],
  ])("is not made of %s", (_, text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });
});
