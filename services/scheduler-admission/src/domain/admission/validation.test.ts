import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { creationOf, lookupOf, updateOf } from "./admission-fixture.ts";
import { validation } from "./validation.ts";

describe("Validation", () => {
  it("admits what is valid", () => {
    expect(validation.review(creationOf(podFixture()), lookupOf())).toMatchObject({
      kind: "admit",
      object: podFixture(),
    });
  });

  it.each([
    { sentence: "a creation by the rules of the kind", request: creationOf(podFixture("bad")), field: "metadata.name" },
    { sentence: "an update by those of updates", request: updateOf(podFixture("bad")), field: "spec" },
    { sentence: "a status by those of the status", request: updateOf(podFixture("bad"), "status"), field: "status" },
  ])("refuses $sentence, naming the field", ({ request, field }) => {
    expect(validation.review(request, lookupOf())).toMatchObject({
      kind: "refuse",
      status: {
        code: 422,
        reason: "Invalid",
        message: `Pod "bad" is invalid: ${field}: Invalid value: "bad"`,
        details: {
          name: "bad",
          kind: "Pod",
          causes: [{ reason: "FieldValueInvalid", field, message: 'Invalid value: "bad"' }],
        },
      },
    });
  });
});
