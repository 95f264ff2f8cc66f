import { describe, expect, it } from "vitest";
import { podStart } from "./pod-start-fixture.ts";
import { spanRecord } from "./span-fixture.ts";
import { duration, waterfall } from "./waterfall.ts";

const plain = { width: 100, color: false };

describe("waterfall", () => {
  it("draws a whole pod start", () => {
    expect(waterfall(podStart, plain)).toEqual([
      "SPAN                              SERVICE                 START      TIME  0                  244 ms",
      "POST pods                         api-gateway            0.0 ms    7.2 ms  ▌",
      "├─ admission                      api-gateway            1.1 ms    2.4 ms  ▌",
      "│  └─ Admission.Review            scheduler-admission    1.6 ms    1.5 ms  ▌",
      "├─ store write                    api-gateway            3.7 ms    2.9 ms  ▐",
      "├─ queue                          scheduler-admission    7.4 ms    0.2 ms   ▌",
      "├─ bind                           scheduler-admission    7.6 ms    3.1 ms   ▌",
      "├─ feed                           api-gateway             11 ms    0.6 ms   ▌",
      "└─ pod start                      pod-lifecycle           12 ms    232 ms   ████████████████████████",
      "   ├─ volumes                     pod-lifecycle           12 ms    1.2 ms   ▐",
      "   ├─ sandbox                     pod-lifecycle           14 ms     98 ms   ▐█████████▌",
      "   ├─ pull web                    pod-lifecycle          112 ms     41 ms             ▐███▌",
      "   │  └─ ImagePuller.EnsureImage  image-puller           113 ms     40 ms             ▐███▌",
      "   │     └─ pull image            image-puller           114 ms     39 ms             ▐███▌",
      "   ├─ create web                  pod-lifecycle          154 ms    7.0 ms                 ▐▌",
      "   ├─ start web                   pod-lifecycle          161 ms     53 ms                  ▐█████",
      "   ├─ hook web                    pod-lifecycle          214 ms     13 ms                        █",
      "   │  └─ HookRunner.RunHook       hook-runner            215 ms     12 ms                        █",
      "   ├─ first probe success         probe-runner           227 ms     12 ms                         ▐▌",
      "   └─ status                      pod-lifecycle          240 ms    3.4 ms                          ▐",
      "      └─ NodeApi.UpdatePodStatus  api-gateway            240 ms    2.7 ms                          ▐",
      "",
      "Total 244 ms · 20 spans, 6 services · slowest step: sandbox (pod-lifecycle) 98 ms, 40%",
    ]);
  });

  it("says why a span failed, below it", () => {
    const spans = [
      spanRecord({ spanId: "a", name: "POST pods", durationMs: 20 }),
      spanRecord({
        spanId: "b",
        parentSpanId: "a",
        name: "pull web",
        service: "pod-lifecycle",
        startMs: 5,
        durationMs: 10,
        failed: true,
        statusMessage: "no such\nimage",
      }),
      spanRecord({
        spanId: "c",
        parentSpanId: "b",
        name: "pull image",
        service: "image-puller",
        startMs: 6,
        durationMs: 8,
      }),
      spanRecord({
        spanId: "d",
        parentSpanId: "a",
        name: "status",
        service: "pod-lifecycle",
        startMs: 15,
        durationMs: 2,
        failed: true,
      }),
    ];
    expect(waterfall(spans, { width: 80, color: false })).toEqual([
      "SPAN              SERVICE           START      TIME  0                     20 ms",
      "POST pods         api-gateway      0.0 ms     20 ms  ███████████████████████████",
      "├─ pull web       pod-lifecycle    5.0 ms     10 ms         █████████████▌",
      "│  │  ✗ no such image",
      "│  └─ pull image  image-puller     6.0 ms    8.0 ms          ███████████",
      "└─ status         pod-lifecycle     15 ms    2.0 ms                      ▐██",
      "      ✗ failed",
      "",
      "Total 20 ms · 4 spans, 3 services · slowest step: POST pods (api-gateway) 8.0 ms, 40%",
    ]);
  });

  it("has no lines for no spans", () => {
    expect(waterfall([], plain)).toEqual([]);
  });

  it("draws a trace of one span that took no time, and leaves out the starts when there is no room", () => {
    expect(waterfall([spanRecord({ durationMs: 0 })], { width: 60, color: false })).toEqual([
      "SPAN       SERVICE          TIME  0                   0.0 ms",
      "POST pods  api-gateway    0.0 ms  ▌",
      "",
      "Total 0.0 ms · 1 span, 1 service · slowest step: POST pods (api-gateway) 0.0 ms, 0%",
    ]);
  });

  it.each([60, 80, 100, 160])("keeps every line within %i columns", (width) => {
    const lines = waterfall(podStart, { width, color: false });
    expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it("is the same picture in color", () => {
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    const lines = waterfall(podStart, { width: 100, color: true });
    expect(lines.join("\n")).toMatch(escapes);
    expect(lines.map((line) => line.replaceAll(escapes, ""))).toEqual(waterfall(podStart, plain));
  });
});

describe("duration", () => {
  it.each([
    [0n, "0.0 ms"],
    [-5n, "0.0 ms"],
    [440_000n, "0.4 ms"],
    [9_940_000n, "9.9 ms"],
    [9_960_000n, "10 ms"],
    [999_400_000n, "999 ms"],
    [999_600_000n, "1.00 s"],
    [12_340_000_000n, "12.34 s"],
    [59_999_000_000n, "1m 00s"],
    [125_000_000_000n, "2m 05s"],
    [3_725_000_000_000n, "1h 02m"],
  ] as const)("%i ns is %s", (ns, text) => {
    expect(duration(ns)).toBe(text);
  });
});
