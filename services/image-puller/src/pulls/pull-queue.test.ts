import { FakeClock } from "@podbus/clock";
import { describe, expect, it } from "vitest";
import { PullQueue } from "./pull-queue.ts";

const never = new AbortController().signal;

/** Enters the queue and writes down what it is told. */
function arrive(queue: PullQueue, signal = never) {
  const positions: number[] = [];
  const turn = queue.turn(signal, (position) => positions.push(position));
  return { positions, turn };
}

describe("PullQueue", () => {
  it("lets as many run as the limit says, the others in order of arrival", async () => {
    const queue = new PullQueue({ clock: new FakeClock(), limit: 2 });
    const [a, b, c, d] = [arrive(queue), arrive(queue), arrive(queue), arrive(queue)];
    (await a.turn)();
    await c.turn;
    (await b.turn)();
    await d.turn;
    expect([a.positions, b.positions, c.positions, d.positions]).toEqual([[0], [0], [1, 0], [2, 1, 0]]);
  });

  it("takes out who gives up, and moves the others up", async () => {
    const queue = new PullQueue({ clock: new FakeClock(), limit: 1 });
    const leaving = new AbortController();
    const first = arrive(queue);
    const second = arrive(queue, leaving.signal);
    const third = arrive(queue);
    leaving.abort(new Error("given up"));
    await expect(second.turn).rejects.toThrow("given up");
    (await first.turn)();
    await third.turn;
    expect(third.positions).toEqual([2, 1, 0]);
  });

  it("gives a turn back once, however often it is told", async () => {
    const queue = new PullQueue({ clock: new FakeClock(), limit: 1 });
    const first = arrive(queue);
    const release = await first.turn;
    release();
    release();
    await arrive(queue).turn;
    expect(arrive(queue).positions).toEqual([1]);
  });
});

describe("a small image behind large ones", () => {
  const expressAfterMs = 10_000;

  it("has a turn of its own once all that run, and it itself, have taken long", async () => {
    const clock = new FakeClock();
    const queue = new PullQueue({ clock, limit: 2, expressAfterMs });
    await Promise.all([arrive(queue).turn, arrive(queue).turn]);
    await clock.step(6_000);
    const [small, next] = [arrive(queue), arrive(queue)];
    await clock.step(9_999);
    expect([small.positions, next.positions]).toEqual([[1], [2]]);
    await clock.step(1);
    const release = await small.turn;
    // There is one such turn: who comes next waits for an end.
    await clock.step(60_000);
    expect([small.positions, next.positions]).toEqual([
      [1, 0],
      [2, 1],
    ]);
    release();
    await next.turn;
  });

  it("waits while one that runs is young: that one may end soon", async () => {
    const clock = new FakeClock();
    const queue = new PullQueue({ clock, limit: 1, expressAfterMs });
    const release = await arrive(queue).turn;
    const [second, third] = [arrive(queue), arrive(queue)];
    await clock.step(9_000);
    release();
    await second.turn;
    await clock.step(9_999);
    expect(third.positions).toEqual([2, 1]);
    await clock.step(1);
    await third.turn;
  });

  it("waits for its turn where pulls are serialized", async () => {
    const clock = new FakeClock();
    const queue = new PullQueue({ clock, limit: 1 });
    await arrive(queue).turn;
    const second = arrive(queue);
    await clock.step(3_600_000);
    expect(second.positions).toEqual([1]);
  });
});

describe("the rate", () => {
  it("lets a burst begin, then so many a second", async () => {
    const clock = new FakeClock();
    const queue = new PullQueue({ clock, limit: 100, rate: { perSecond: 2, burst: 3 } });
    const all = Array.from({ length: 6 }, () => arrive(queue));
    const begun = () => all.filter(({ positions }) => positions.includes(0)).length;
    await clock.step(0);
    expect(begun()).toBe(3);
    await clock.step(499);
    expect(begun()).toBe(3);
    await clock.step(1);
    expect(begun()).toBe(4);
    await clock.step(1_000);
    expect(begun()).toBe(6);
  });

  it("saves up no more than a burst", async () => {
    const clock = new FakeClock();
    const queue = new PullQueue({ clock, limit: 100, rate: { perSecond: 5, burst: 2 } });
    await clock.step(60_000);
    const all = Array.from({ length: 4 }, () => arrive(queue));
    await clock.step(0);
    expect(all.map(({ positions }) => positions.at(-1))).toEqual([0, 0, 1, 2]);
  });
});
