import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { accountFixture, creationOf, lookupOf } from "./admission-fixture.ts";
import { type AdmissionStep, admit, refuse } from "./admission-step.ts";
import { admissionSteps, reviewObject } from "./review-object.ts";

const marking = (name: string, appliesTo = true): AdmissionStep => ({
  name,
  appliesTo: () => appliesTo,
  review: ({ object }) => {
    const labels = { ...object.metadata.labels, [name]: "seen" };
    return admit({ ...object, metadata: { ...object.metadata, labels } }, [`${name} warns`]);
  },
});
const refusing: AdmissionStep = {
  name: "refusing",
  appliesTo: () => true,
  review: () => refuse({ status: { kind: "Status", apiVersion: "v1", metadata: {}, code: 403 } }),
};
const review = (...steps: AdmissionStep[]) => reviewObject(creationOf(podFixture()), lookupOf(), steps);

describe("reviewObject", () => {
  it("runs the steps that apply, each on what the one before gave", () => {
    expect(review(marking("a"), marking("b", false), marking("c"))).toMatchObject({
      kind: "admit",
      object: { metadata: { labels: { a: "seen", c: "seen" } } },
      warnings: ["a warns", "c warns"],
    });
  });

  it("ends at the first refusal and keeps the warnings", () => {
    expect(review(marking("a"), refusing, marking("c"))).toMatchObject({
      kind: "refuse",
      status: { code: 403 },
      warnings: ["a warns"],
    });
  });

  it("changes nothing that it was given", () => {
    const request = Object.freeze(creationOf(Object.freeze(podFixture())));
    expect(reviewObject(request, lookupOf(accountFixture()), admissionSteps()).kind).toBe("admit");
    expect(request.object).toEqual(podFixture());
  });

  it("has the steps in Kubernetes' order: mutating before validating", () => {
    expect(admissionSteps().map(({ name }) => name)).toEqual([
      "Defaults",
      "ServiceAccount",
      "Priority",
      "DefaultTolerationSeconds",
      "RuntimeClass",
      "Warnings",
      "Validation",
      "UnsupportedFeatures",
    ]);
  });

  it("has an optional step only where it is enabled", () => {
    const names = (enabled: string[]) => admissionSteps(enabled).map(({ name }) => name);
    expect(names([])).not.toContain("AlwaysPullImages");
    expect(names(["AlwaysPullImages"]).slice(1, 3)).toEqual(["ServiceAccount", "AlwaysPullImages"]);
  });
});
