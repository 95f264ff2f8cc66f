import type { Pod, PodSpec } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf, updateOf } from "./admission-fixture.ts";
import type { AdmissionRequest } from "./admission-step.ts";
import { alwaysPullImages } from "./always-pull-images.ts";

const container = (name: string, image: string) => ({ name, image, imagePullPolicy: "IfNotPresent" });
const policies = ({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec) =>
  [...containers, ...initContainers, ...ephemeralContainers].map(({ imagePullPolicy }) => imagePullPolicy);

function reviewed(request: AdmissionRequest): readonly (string | undefined)[] {
  if (!alwaysPullImages.appliesTo(request)) return policies((request.object as Pod).spec);
  const verdict = alwaysPullImages.review(request, lookupOf());
  return verdict.kind === "admit" ? policies((verdict.object as Pod).spec) : [];
}

describe("AlwaysPullImages", () => {
  const pod = podFixture("web", {
    containers: [container("main", "web:1"), { ...container("never", "web:2"), imagePullPolicy: "Never" }],
    initContainers: [container("init", "init:1")],
    ephemeralContainers: [container("debug", "debug:1")],
  });
  const changed = (spec: Partial<PodSpec>): Pod => ({ ...pod, spec: { ...pod.spec, ...spec } });

  it("a new pod asks for every image, whatever it said", () => {
    expect(reviewed(creationOf(pod))).toEqual(["Always", "Always", "Always", "Always"]);
  });

  it.each<[string, AdmissionRequest, string]>([
    ["an update without a new image stays as it is", { ...updateOf(pod), oldObject: pod }, "IfNotPresent"],
    [
      "images that changed places are not new",
      { ...updateOf(changed({ containers: pod.spec.containers.toReversed() })), oldObject: pod },
      "Never",
    ],
    [
      "an update with a new image asks for it",
      { ...updateOf(changed({ containers: [container("main", "web:3")] })), oldObject: pod },
      "Always",
    ],
    [
      "so does a new ephemeral container",
      { ...updateOf(changed({ ephemeralContainers: [container("x", "x:1")] }), "ephemeralcontainers"), oldObject: pod },
      "Always",
    ],
    [
      "a status update changes no policy",
      { ...updateOf(changed({ containers: [container("main", "web:3")] }), "status"), oldObject: pod },
      "IfNotPresent",
    ],
  ])("%s", (_sentence, request, policy) => {
    expect(reviewed(request)[0]).toBe(policy);
  });
});
