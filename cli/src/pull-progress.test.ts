import { create } from "@bufbuild/protobuf";
import { PullProgressSchema } from "@podbus/contracts";
import { expect, it } from "vitest";
import { pullProgressText } from "./pull-progress.ts";

it.each([
  ["half of it", { bytesDone: 52_400_000n, bytesTotal: 104_800_000n }, "50% (52.4 MB of 104.8 MB)"],
  ["never 100% too early", { bytesDone: 999_999n, bytesTotal: 1_000_000n }, "99% (1.0 MB of 1.0 MB)"],
  ["a place in the queue", { queuePosition: 3 }, "position 3 in the queue"],
  ["nothing known", {}, "unknown"],
])("%s", (_sentence, progress, expected) => {
  expect(pullProgressText(create(PullProgressSchema, progress))).toBe(expected);
});
