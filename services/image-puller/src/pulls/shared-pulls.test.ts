import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { describe, expect, it } from "vitest";
import { PullQueue } from "./pull-queue.ts";
import { type PullOutcome, type SharedPull, SharedPulls } from "./shared-pulls.ts";

function setUp(limit = 5) {
  const clock = new FakeClock();
  const pulls = new SharedPulls({ queue: new PullQueue({ clock, limit }), clock, lingerMs: 30_000 });
  const works: { finish(id: string): void; fail(error: Error): void; signal: AbortSignal }[] = [];
  const work = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => reject(signal.reason));
    works.push({ finish: resolve, fail: reject, signal });
    return promise;
  };
  return { clock, pulls, work, works };
}

/** Follows to the end; collects the positions on the way. */
async function finished(pull: SharedPull, signal = new AbortController().signal) {
  const positions: number[] = [];
  const steps = pull.follow(signal);
  for (;;) {
    const step = await steps.next();
    if (step.done) return { positions, outcome: step.value };
    positions.push(step.value.queuePosition);
  }
}

const imageIds = (results: { outcome: PullOutcome }[]) => results.map(({ outcome }) => outcome.ok && outcome.imageId);

describe("SharedPulls", () => {
  it("pulls once for two calls at a time, and again for a third one afterwards", async () => {
    const { clock, pulls, work, works } = setUp();
    const first = pulls.pull("a", work);
    const second = pulls.pull("a", work);
    const both = Promise.all([finished(first), finished(second)]);
    await clock.step(1_200);
    works[0]?.finish("sha256:1");
    const results = await both;
    expect([first.joined, second.joined, first.id === second.id]).toEqual([false, true, true]);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      { ok: true, imageId: "sha256:1", waitedMs: 0, pullMs: 1_200 },
      { ok: true, imageId: "sha256:1", waitedMs: 0, pullMs: 1_200 },
    ]);
    await clock.step(0);
    expect(pulls.pull("a", work).joined).toBe(false);
  });

  it("goes on for the others when one call is cancelled", async () => {
    const { clock, pulls, work, works } = setUp();
    const leaving = new AbortController();
    const left = finished(pulls.pull("a", work), leaving.signal);
    const stayed = finished(pulls.pull("a", work));
    await clock.step(0);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    await clock.step(60_000);
    works[0]?.finish("sha256:1");
    expect(imageIds([await stayed])).toEqual(["sha256:1"]);
  });

  it("stops a pull some time after the last call is gone, and starts afresh for the next", async () => {
    const { clock, pulls, work, works } = setUp();
    const leaving = new AbortController();
    const left = finished(pulls.pull("a", work), leaving.signal);
    await clock.step(0);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    await clock.step(29_999);
    expect(works[0]?.signal.aborted).toBe(false);
    await clock.step(1);
    expect(works[0]?.signal.aborted).toBe(true);
    expect(pulls.pull("a", work).joined).toBe(false);
  });

  it("keeps a pull for a call that comes back in time", async () => {
    const { clock, pulls, work, works } = setUp();
    const leaving = new AbortController();
    const left = finished(pulls.pull("a", work), leaving.signal);
    await clock.step(0);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    await clock.step(20_000);
    const back = finished(pulls.pull("a", work));
    await clock.step(60_000);
    works[0]?.finish("sha256:1");
    expect(imageIds([await back])).toEqual(["sha256:1"]);
    expect(works).toHaveLength(1);
  });

  it("tells positions in the queue, and the time spent there", async () => {
    const { clock, pulls, work, works } = setUp(1);
    const first = finished(pulls.pull("a", work));
    const second = finished(pulls.pull("b", work));
    await clock.step(700);
    works[0]?.finish("sha256:a");
    await clock.step(300);
    works[1]?.finish("sha256:b");
    expect((await first).positions).toEqual([0]);
    expect(await second).toEqual({
      positions: [1, 0],
      outcome: { ok: true, imageId: "sha256:b", waitedMs: 700, pullMs: 300 },
    });
  });

  it("gives every call the failure, and lets the next pull have its turn", async () => {
    const { clock, pulls, work, works } = setUp(1);
    const both = Promise.all([finished(pulls.pull("a", work)), finished(pulls.pull("a", work))]);
    const next = finished(pulls.pull("b", work));
    await clock.step(0);
    const error = new PodbusError({ code: "NOT_FOUND", message: "gone" });
    works[0]?.fail(error);
    expect((await both).map(({ outcome }) => outcome)).toEqual([
      { ok: false, error },
      { ok: false, error },
    ]);
    await clock.step(0);
    works[1]?.finish("sha256:b");
    expect(imageIds([await next])).toEqual(["sha256:b"]);
  });
});
