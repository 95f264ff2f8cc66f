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
    const queue = new PullQueue(2);
    const [a, b, c, d] = [arrive(queue), arrive(queue), arrive(queue), arrive(queue)];
    (await a.turn)();
    await c.turn;
    (await b.turn)();
    await d.turn;
    expect([a.positions, b.positions, c.positions, d.positions]).toEqual([[0], [0], [1, 0], [2, 1, 0]]);
  });

  it("takes out who gives up, and moves the others up", async () => {
    const queue = new PullQueue(1);
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
    const queue = new PullQueue(1);
    const first = arrive(queue);
    const release = await first.turn;
    release();
    release();
    await arrive(queue).turn;
    expect(arrive(queue).positions).toEqual([1]);
  });
});
