import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf } from "./admission-fixture.ts";
import { unsupportedFeatures } from "./unsupported-features.ts";

describe("UnsupportedFeatures", () => {
  it("admits an ordinary pod as it is", () => {
    expect(unsupportedFeatures.review(creationOf(podFixture()), lookupOf())).toMatchObject({
      kind: "admit",
      object: podFixture(),
    });
  });

  it("refuses what podbus cannot do yet, naming every field", () => {
    const pod = podFixture("web", { os: { name: "windows" }, resourceClaims: [{ name: "gpu" }] });
    expect(unsupportedFeatures.review(creationOf(pod), lookupOf())).toMatchObject({
      kind: "refuse",
      status: {
        code: 403,
        reason: "Forbidden",
        message:
          'pods "web" is forbidden: [spec.resourceClaims: Forbidden: not supported by podbus yet, spec.os.name: Forbidden: not supported by podbus yet]',
      },
    });
  });
});
