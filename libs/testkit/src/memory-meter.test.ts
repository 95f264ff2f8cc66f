import { expect, it } from "vitest";
import { memoryMeter } from "./memory-meter.ts";

it("tells what counters and histograms were given, by attributes", async () => {
  await using memory = memoryMeter("probe-runner");
  const counter = memory.meter.createCounter("asked");
  counter.add(1, { who: "a" });
  counter.add(2, { who: "a" });
  counter.add(1, { who: "b" });
  const histogram = memory.meter.createHistogram("took");
  histogram.record(0.5);
  histogram.record(1);
  expect(await memory.points("asked")).toEqual([
    { attributes: { who: "a" }, count: 3, sum: 3 },
    { attributes: { who: "b" }, count: 1, sum: 1 },
  ]);
  expect(await memory.points("took")).toEqual([{ attributes: {}, count: 2, sum: 1.5 }]);
  expect(await memory.points("other")).toEqual([]);
});
