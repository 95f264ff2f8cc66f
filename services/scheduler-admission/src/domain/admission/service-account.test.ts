import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
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
    const verdict = serviceAccount.review(creationOf(podFixture("web", spec)), lookup);
    expect(verdict).toMatchObject({ kind: "admit", object: podFixture("web", { ...spec, ...expected }) });
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
