import { PodbusError } from "@podbus/errors";
import { expect, test } from "vitest";
import { imageFailure } from "./image-failure.ts";

test.each([
  ["a failed pull is asked for again soon, to show the back-off", "ErrImagePull", 10_000, 1_500],
  ["a short back-off is kept", "ErrImagePull", 500, 500],
  ["a back-off is waited for", "ImagePullBackOff", 40_000, 40_000],
  ["a refusal without a time is looked at every ten seconds", "ErrImageNeverPull", undefined, 10_000],
])("%s", (_, reason, retryAfterMs, expected) => {
  const error = new PodbusError({
    code: "UNAVAILABLE",
    reason,
    message: "m",
    ...(retryAfterMs ? { retryAfterMs } : {}),
  });
  expect(imageFailure(error, 1_000)).toEqual({ kind: "failed", reason, message: "m", retryAtMs: 1_000 + expected });
});

test("a lost puller says nothing about the image", () => {
  expect(imageFailure(new PodbusError({ code: "UNAVAILABLE", message: "gone" }), 0)).toBeUndefined();
});
