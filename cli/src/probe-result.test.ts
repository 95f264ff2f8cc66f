import { create } from "@bufbuild/protobuf";
import { ProbeKind, Verdict, WatchResultsResponseSchema } from "@podbus/contracts";
import { expect, it } from "vitest";
import { probeResultText } from "./probe-result.ts";

const result = {
  container: { pod: { namespace: "shop", name: "web", uid: "u-1" }, name: "main", id: "c" },
  kind: ProbeKind.READINESS,
  verdict: Verdict.SUCCESS,
  changed: true,
  atMs: BigInt(Date.UTC(2026, 0, 1, 12)),
};
const failed = {
  verdict: Verdict.FAILURE as Verdict,
  message: "Readiness probe failed: no\nway \u001b[31m",
  asked: 'command "check"',
  tookMs: 12,
};

it.each<[string, Partial<typeof failed> & { verdict?: Verdict; kind?: ProbeKind; changed?: boolean }, string]>([
  ["a verdict", {}, "12:00:00.000Z shop/web main: readiness is Success."],
  [
    "a verdict with its reason, on one line",
    failed,
    '12:00:00.000Z shop/web main: readiness is Failure. Readiness probe failed: no way  [31m (command "check" took 12 ms)',
  ],
  [
    "a failure that changes nothing",
    {
      ...failed,
      changed: false,
      kind: ProbeKind.LIVENESS,
      message: "Liveness probe failed: no",
      verdict: Verdict.SUCCESS,
    },
    '12:00:00.000Z shop/web main: liveness stays Success. Liveness probe failed: no (command "check" took 12 ms)',
  ],
])("%s", (_sentence, change, expected) => {
  expect(probeResultText(create(WatchResultsResponseSchema, { ...result, ...change }))).toBe(expected);
});
