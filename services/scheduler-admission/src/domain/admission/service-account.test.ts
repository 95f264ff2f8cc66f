import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { containerFixture, podFixture } from "../object-fixtures.ts";
import { accountFixture, creationOf, fakePods, lookupOf, updateOf } from "./admission-fixture.ts";
import { serviceAccount } from "./service-account.ts";

const secrets = { imagePullSecrets: [{ name: "registry" }] };
const lookup = lookupOf(accountFixture(), accountFixture("builder", secrets));

const cases = [
  {
    sentence: "the default one if none is named",
    spec: {},
    expected: { serviceAccountName: "default", serviceAccount: "default" },
  },
  {
    sentence: "the one that is named, with its pull secrets",
    spec: { serviceAccountName: "builder" },
    expected: { serviceAccountName: "builder", serviceAccount: "builder", ...secrets },
  },
  {
    sentence: "pull secrets of the pod's own stay alone",
    spec: { serviceAccountName: "builder", imagePullSecrets: [{ name: "own" }] },
    expected: { serviceAccountName: "builder", serviceAccount: "builder", imagePullSecrets: [{ name: "own" }] },
  },
];

describe("ServiceAccount", () => {
  it.each(cases)("$sentence", ({ spec, expected }) => {
    const unmounted = { ...spec, automountServiceAccountToken: false };
    const verdict = serviceAccount.review(creationOf(podFixture("web", unmounted)), lookup);
    expect(verdict).toMatchObject({ kind: "admit", object: podFixture("web", { ...unmounted, ...expected }) });
  });

  it("leaves the pull secrets out where there are none", () => {
    const verdict = serviceAccount.review(creationOf(podFixture()), lookup);
    expect(verdict.kind === "admit" && (verdict.object as Pod).spec).not.toHaveProperty("imagePullSecrets");
  });

  it("refuses one that does not exist, in Kubernetes' words", () => {
    expect(serviceAccount.review(creationOf(podFixture("web", { serviceAccountName: "ghost" })), lookup)).toMatchObject(
      {
        kind: "refuse",
        status: {
          code: 403,
          reason: "Forbidden",
          message:
            'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
          details: { name: "web", kind: "pods" },
        },
      },
    );
  });

  it.each([
    { sentence: "the creation of a pod", request: creationOf(podFixture()), applies: true },
    { sentence: "an update", request: updateOf(podFixture()), applies: false },
    {
      sentence: "another kind",
      request: creationOf(podFixture(), { resource: { ...fakePods, storageResource: "secrets" } }),
      applies: false,
    },
    { sentence: "a subresource", request: creationOf(podFixture(), { subresource: "binding" }), applies: false },
  ])("looks at $sentence: $applies", ({ request, applies }) => {
    expect(serviceAccount.appliesTo(request)).toBe(applies);
  });
});

describe("the account's token", () => {
  const path = "/var/run/secrets/kubernetes.io/serviceaccount";
  const silent = accountFixture("silent", { automountServiceAccountToken: false });
  const specOf = (spec: Partial<Pod["spec"]>): Pod["spec"] => {
    const accounts = lookupOf(accountFixture(), silent);
    const verdict = serviceAccount.review(creationOf(podFixture("web", spec)), accounts);
    if (verdict.kind !== "admit") throw new Error("refused");
    return (verdict.object as Pod).spec;
  };
  const mountsOf = ({ containers, initContainers = [] }: Pod["spec"]) =>
    [...initContainers, ...containers].map(({ volumeMounts = [] }) => volumeMounts.map((mount) => mount.mountPath));

  it("is mounted into every container, with the authority and the namespace", () => {
    const spec = specOf({ initContainers: [containerFixture({}, "init")] });
    expect(mountsOf(spec)).toEqual([[path], [path]]);
    const [volume] = spec.volumes ?? [];
    expect(volume).toMatchObject({
      name: expect.stringMatching(/^kube-api-access-[b-z2-9]{5}$/),
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
          { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
        ],
      },
    });
    expect(spec.containers[0]?.volumeMounts).toEqual([{ name: volume?.name, readOnly: true, mountPath: path }]);
    expect(specOf({ initContainers: [containerFixture({}, "init")] })).toEqual(spec);
  });

  it.each<[string, Partial<Pod["spec"]>, number]>([
    ["stays away where the pod says so", { automountServiceAccountToken: false }, 0],
    ["stays away where the account says so", { serviceAccountName: "silent" }, 0],
    [
      "comes where the pod says so, whatever the account says",
      { serviceAccountName: "silent", automountServiceAccountToken: true },
      1,
    ],
    [
      "stays away where something else is in its place",
      { containers: [{ ...containerFixture(), volumeMounts: [{ name: "own", mountPath: path }] }] },
      0,
    ],
  ])("%s", (_sentence, change, volumes) => {
    expect(specOf(change).volumes ?? []).toHaveLength(volumes);
  });

  const mirrored = { annotations: { "kubernetes.io/config.mirror": "abc" } };
  const mirror = (spec: Partial<Pod["spec"]>) => {
    const pod = podFixture("web", spec);
    return creationOf({ ...pod, metadata: { ...pod.metadata, ...mirrored } });
  };

  it("leaves a mirror pod as it is", () => {
    const request = mirror({});
    expect(serviceAccount.review(request, lookup)).toEqual({ kind: "admit", object: request.object, warnings: [] });
  });

  it.each<[string, Partial<Pod["spec"]>, string]>([
    ["a service account", { serviceAccountName: "default" }, "a mirror pod may not reference service accounts"],
    ["a secret", { imagePullSecrets: [{ name: "x" }] }, "a mirror pod may not reference secrets"],
    [
      "a token",
      { volumes: [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }] },
      "a mirror pod may not use ServiceAccountToken volume projections",
    ],
  ])("refuses a mirror pod with %s", (_, spec, problem) => {
    const message = `pods "web" is forbidden: ${problem}`;
    expect(serviceAccount.review(mirror(spec), lookup)).toMatchObject({
      kind: "refuse",
      status: { message, code: 403 },
    });
  });
});
