import { create } from "@bufbuild/protobuf";
import { StatusResponseSchema } from "@podbus/contracts/cri";
import { expect, test } from "vitest";
import { canMountRecursivelyReadOnly, runtimeFeatures } from "./runtime-features.ts";

test("a runtime that says what it can do", () => {
  const runtimeHandlers = [{ name: "", features: { recursiveReadOnlyMounts: true } }, { name: "kata" }];
  const answer = create(StatusResponseSchema, { features: { supplementalGroupsPolicy: true }, runtimeHandlers });
  expect(runtimeFeatures(answer)).toEqual({
    features: { supplementalGroupsPolicy: true },
    runtimeHandlers: [
      { name: "", features: { recursiveReadOnlyMounts: true, userNamespaces: false } },
      { name: "kata", features: { recursiveReadOnlyMounts: false, userNamespaces: false } },
    ],
  });
  expect(["", "kata", "other"].map((handler) => canMountRecursivelyReadOnly(answer, handler))).toEqual([
    true,
    false,
    false,
  ]);
});

test("a runtime of before these were told", () => {
  expect(runtimeFeatures(create(StatusResponseSchema))).toEqual({ features: undefined, runtimeHandlers: undefined });
});
