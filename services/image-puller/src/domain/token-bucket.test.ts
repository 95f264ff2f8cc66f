import { expect, it } from "vitest";
import { type PullRate, TokenBucket } from "./token-bucket.ts";

/** When pulls that come at these times may begin, one after the other. */
function begins(rate: PullRate, arrivalsMs: readonly number[]): number[] {
  const bucket = new TokenBucket(rate, 0);
  let nowMs = 0;
  return arrivalsMs.map((arrivalMs) => {
    nowMs = bucket.readyAtMs(Math.max(nowMs, arrivalMs));
    bucket.take(nowMs);
    return nowMs;
  });
}

it.each<[string, PullRate, readonly number[], readonly number[]]>([
  ["a burst at once, then so many a second", { perSecond: 2, burst: 3 }, [0, 0, 0, 0, 0], [0, 0, 0, 500, 1_000]],
  ["one at a time", { perSecond: 1, burst: 1 }, [0, 0, 0], [0, 1_000, 2_000]],
  ["a part of a token counts", { perSecond: 2, burst: 1 }, [0, 300, 300], [0, 500, 1_000]],
  ["no more than a burst is saved up", { perSecond: 5, burst: 2 }, [60_000, 60_000, 60_000], [60_000, 60_000, 60_200]],
  ["who comes slowly never waits", { perSecond: 5, burst: 1 }, [0, 200, 400], [0, 200, 400]],
  ["a burst smaller than a second's", { perSecond: 10, burst: 2 }, [0, 0, 0, 0], [0, 0, 100, 200]],
])("%s", (_sentence, rate, arrivalsMs, expected) => {
  expect(begins(rate, arrivalsMs)).toEqual(expected);
});
