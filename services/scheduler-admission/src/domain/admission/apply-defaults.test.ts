import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf, updateOf } from "./admission-fixture.ts";
import { applyDefaults } from "./apply-defaults.ts";

describe("Defaults", () => {
  it("fills what was left out", () => {
    const verdict = applyDefaults.review(creationOf(podFixture()), lookupOf());
    expect(verdict).toMatchObject({ kind: "admit", object: { spec: { restartPolicy: "Always" } } });
  });

  it.each([
    { sentence: "updates too", request: updateOf(podFixture()), applies: true },
    { sentence: "but not the status alone", request: updateOf(podFixture(), "status"), applies: false },
  ])("$sentence", ({ request, applies }) => {
    expect(applyDefaults.appliesTo(request)).toBe(applies);
  });
});
